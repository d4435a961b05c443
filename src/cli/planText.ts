import { createTwoFilesPatch } from 'diff';
import type { nodeForHooks, ProtectedAgent, ProtectionPlan, ProtectionState } from '../agents/index.ts';
import { plain } from './plain.ts';
import { table } from './shapes.ts';

type NodeFound = Awaited<ReturnType<typeof nodeForHooks>>;

/** The exact change as a unified diff, and what a person must know and do. */
export function planText({
  changes,
  afterwards,
  alsoFires,
  program,
  agent,
  node,
}: ProtectionPlan & { readonly node?: NodeFound }): string {
  const diffs = changes.map(({ file, before, after }) =>
    createTwoFilesPatch(
      before === undefined ? '/dev/null' : file,
      after === undefined ? '/dev/null' : file,
      before ?? '',
      after ?? '',
    )
      .replace(/^=+\n/, '')
      .trimEnd(),
  );
  const notes = [
    ...(program === undefined ? [] : [`The hook is the program ${program}, which is put there with what it needs.`]),
    ...nodeNote(node),
    ...alsoFires.map((other) => `The hooks of ${other} fire for the same edits: both decide the same.`),
    ...(changes.length === 0 ? [] : afterwards.map((step) => stepText(step, agent))),
  ];
  return plain([...(diffs.length === 0 ? ['It is so already.'] : diffs), ...notes].join('\n'));
}

export function stateText(
  rows: readonly { readonly agent: ProtectedAgent; readonly scope: string; readonly state: ProtectionState }[],
  node: NodeFound | undefined,
): string {
  return [table(rows.map(({ agent, scope, state }) => [agent, scope, stateWords(state)])), ...nodeNote(node)].join(
    '\n',
  );
}

function stateWords(state: ProtectionState): string {
  switch (state) {
    case 'installed':
      return 'protected';
    case 'outdated':
      return 'outdated: run holdfast protect again';
    case 'untrusted':
      return 'installed, to be trusted in the agent';
    case 'disabled':
      return 'installed, but the agent is told to run no hooks';
    case 'absent':
      return 'not protected';
    case 'unreadable':
      return 'its settings cannot be read';
  }
}

function stepText(step: ProtectionPlan['afterwards'][number], agent: ProtectedAgent): string {
  switch (step) {
    case 'trust-hook':
      return 'Codex runs a hook only after you have reviewed it there: /hooks in Codex.';
    case 'trust-folder':
      return `${agent} runs the hooks of a folder only where you trust the folder.`;
    case 'restart':
      return `Sessions of ${agent} that are running take it up when they are started again.`;
  }
}

function nodeNote(node: NodeFound | undefined): readonly string[] {
  switch (node?.kind) {
    case undefined:
    case 'found':
      return [];
    case 'too-old':
      return [`The node on PATH is ${node.version}: the hook needs 20.12 or newer, and is silent until then.`];
    case 'missing':
      return ['There is no node on PATH: the hook needs 20.12 or newer, and is silent until then.'];
  }
}
