import {
  type Disposable,
  type LanguageModelTool,
  type LanguageModelToolInvocationOptions,
  type LanguageModelToolResult,
  l10n,
  lm,
  workspace,
} from 'vscode';
import { seenVersions } from '../../agents/index.ts';
import { editRequest, normaliseText, readRequest, writeRequest } from '../../core/index.ts';
import { attempt, type Proposal } from '../editing/conflict.ts';
import type { Conflicts } from '../editing/conflicts.ts';
import { refusalText } from '../failureWords.ts';
import { tools } from '../ids.ts';
import { statusMessage } from '../say.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import type { Settings } from '../settings.ts';
import { answer, followedSession, heldSession, noSession, readAnswer, showsPart, writeAnswer } from './toolAnswers.ts';

export interface ToolParts {
  readonly active: ActiveSessions;
  readonly conflicts: Conflicts;
  readonly settings: Settings;
}

/** The three tools by which a model reads and writes files in the active session's name; all of them use its guard. */
export function registerFileTools(parts: ToolParts): Disposable[] {
  return [
    lm.registerTool(tools.readFile, readTool(parts)),
    lm.registerTool(tools.editFile, editTool(parts)),
    lm.registerTool(tools.writeFile, writeTool(parts)),
  ];
}

function readTool({ active }: ToolParts): LanguageModelTool<unknown> {
  return {
    prepareInvocation: ({ input }) => ({ invocationMessage: l10n.t('Reading {0}', pathOf(input)) }),
    async invoke(options) {
      const input = readRequest.safeParse(options.input);
      if (!input.success) return invalid(input.error);
      const session = active.current;
      if (!session) return noSession();
      if (session.follows) return followedSession(session.name);
      const { path, startLine = 1, endLine } = input.data;
      const outcome = await session.read(path, (bytes) => showsPart(bytes, startLine, endLine));
      if (outcome.kind !== 'read') return answer(`Nothing was read. ${refusalText(outcome)}`);
      return readAnswer(outcome, startLine, endLine);
    },
  };
}

function editTool(parts: ToolParts): LanguageModelTool<unknown> {
  return {
    prepareInvocation: ({ input }) => prepareWrite(parts.active, l10n.t('Edit {0}', pathOf(input)), input),
    async invoke(options) {
      const input = editRequest.safeParse(options.input);
      if (!input.success) return invalid(input.error);
      const { path: file, oldText, newText, replaceAll } = input.data;
      return change(parts, file, { kind: 'edit', old: oldText, new: newText, all: replaceAll ?? false });
    },
  };
}

function writeTool(parts: ToolParts): LanguageModelTool<unknown> {
  return {
    prepareInvocation: ({ input }) => prepareWrite(parts.active, l10n.t('Write {0}', pathOf(input)), input),
    async invoke(options: LanguageModelToolInvocationOptions<unknown>) {
      const input = writeRequest.safeParse(options.input);
      if (!input.success) return invalid(input.error);
      const { path: file, content } = input.data;
      return change(parts, file, { kind: 'write', content });
    },
  };
}

async function change(
  { active, conflicts, settings }: ToolParts,
  file: string,
  proposal: Proposal,
): Promise<LanguageModelToolResult> {
  const session = active.current;
  if (!session) return noSession();
  if (session.follows) return followedSession(session.name);
  if (session.hold) return heldSession(session.name, session.hold);
  if (!workspace.isTrusted)
    return answer('Nothing was written: the workspace is in Restricted Mode. Ask the user to trust it.');
  if (!settings.enabled.value(session.place.folder.uri))
    return answer('Nothing was written: the user has turned sessions off here (setting holdfast.enabled).');
  const key = session.cache.key(file);
  const entry = key === undefined ? undefined : session.cache.get(key);
  const outcome = await attempt(session, file, proposal, settings.mergeAutomatically.value(session.place.folder.uri));
  if (outcome.kind === 'written' && outcome.merged)
    statusMessage(l10n.t('{0} had changed; the edit was merged with it.', outcome.key), 8000);
  if (outcome.kind !== 'conflict') return writeAnswer(outcome, undefined);
  // The user has decided on this version already; it is for the model to read it.
  if (entry?.model_unread && outcome.reason === 'unread') return writeAnswer(outcome, undefined);
  const seen = outcome.merge
    ? normaliseText(outcome.merge.base)
    : entry && (await seenVersions(session.place.store, session.body).text(outcome.key, entry));
  conflicts.report({ session, path: file, outcome, proposal, seen });
  return writeAnswer(outcome, seen);
}

function prepareWrite(active: ActiveSessions, title: string, input: unknown) {
  const session = active.current;
  // Plain text: outside of a chat this is a dialog, which shows Markdown as it is written.
  const message = session
    ? l10n.t(
        'The session {0} will write {1}, unless it changed since the session read it.',
        session.name,
        pathOf(input),
      )
    : l10n.t('No session is active: nothing will be written.');
  return { invocationMessage: title, confirmationMessages: { title, message } };
}

function pathOf(input: unknown): string {
  return typeof input === 'object' && input !== null && 'path' in input ? String(input.path) : '?';
}

function invalid(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): LanguageModelToolResult {
  const what = error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
  return answer(`Nothing was read or written: the input is not valid (${what}).`);
}
