import { readFile } from 'node:fs/promises';
import { createReadCache } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { fileState, isSystemError, realPath } from '../files.ts';
import { list, object } from '../shape.ts';
import { isTrustedByCodex } from './codexTrust.ts';
import { hasHooks, type Merged, ourHooks, withHooks, withoutHooks } from './mergeHooks.ts';
import { PLUGIN_MARK, pluginText } from './opencodePlugin.ts';
import type { ProtectedAgent } from './protectedAgents.ts';
import { isSwitchedOff } from './switchedOff.ts';
import { hooksFile, wantedHooks } from './wantedHooks.ts';

export type ProtectionScope = 'project' | 'user';

export interface ProtectionOptions {
  readonly agent: ProtectedAgent;
  readonly scope: ProtectionScope;
  /** The workspace folder, absolute. */
  readonly folder: string;
  readonly where: AgentHome;
  /** The program that the agent is to start and its first words, for example `['node', '/home/me/.holdfast/hook.cjs']`. */
  readonly command: readonly string[];
}

/** The texts of one file, exactly; undefined where it is not there. */
export interface FileChange {
  /** Absolute. */
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface ProtectionPlan {
  readonly action: 'install' | 'remove';
  readonly agent: ProtectedAgent;
  readonly scope: ProtectionScope;
  /** Empty where everything is as it should be already. */
  readonly changes: readonly FileChange[];
  /**
   * What a person must still do in the agent, since nothing does it behind their back: `trust-hook` (Codex reviews each
   * hook), `trust-folder` (Codex, Copilot CLI and Gemini CLI run nothing of a folder that is not trusted), `restart`.
   */
  readonly afterwards: readonly ('trust-hook' | 'trust-folder' | 'restart')[];
  /** The program that the hooks start (`installHookProgram` puts it there); absent where the plan removes them. */
  readonly program?: string;
  /** Other hooks of ours that would fire for the same edit (Copilot CLI runs Claude Code's). */
  readonly alsoFires: readonly ProtectedAgent[];
}

export type PlanOutcome =
  | { readonly kind: 'planned'; readonly plan: ProtectionPlan }
  /**
   * A file of the agent cannot be read, or is not what it should be: it is left alone. `detail` is the system's code, or
   * `not-json`, `not-ours` (a plugin of another hand has our name), `outside` (a link leads out of the folder), or the
   * name of a field that has another shape.
   */
  | { readonly kind: 'unreadable'; readonly file: string; readonly detail: string };

export type ProtectionState = 'installed' | 'outdated' | 'untrusted' | 'disabled' | 'absent' | 'unreadable';

/** What installing would change, to be shown before. */
export function planInstall(options: ProtectionOptions): Promise<PlanOutcome> {
  return plan('install', options);
}

/** What removing would change: nothing where nothing of ours is there. */
export function planRemove(options: ProtectionOptions): Promise<PlanOutcome> {
  return plan('remove', options);
}

/**
 * `outdated`: of another version of Holdfast, changed, or without the program that they start. `untrusted`: Codex has not
 * been told yet that the user trusts it. `disabled`: the agent is told to run no hooks.
 */
export async function protectionState(options: ProtectionOptions): Promise<ProtectionState> {
  const found = await textOf(options);
  if (found.kind === 'unreadable') return 'unreadable';
  const { text, file } = found;
  if (text === undefined) return 'absent';
  const { agent } = options;
  if (agent === 'opencode') {
    if (!text.startsWith(PLUGIN_MARK)) return 'absent';
    const isNow = text === pluginText(options.command, options.where) && (await hasProgram(options));
    return isNow ? 'installed' : 'outdated';
  }
  const wanted = wantedHooks({ ...options, agent });
  if (ourHooks(text).length === 0) return withHooks(text, wanted).kind === 'merged' ? 'absent' : 'unreadable';
  if (!hasHooks(text, wanted) || !(await hasProgram(options))) return 'outdated';
  const commands = wanted.map(({ value }) => commandOf(value));
  if (await isSwitchedOff(options, commands)) return 'disabled';
  return agent === 'codex' && !(await isTrustedByCodex(options.where, file, text)) ? 'untrusted' : 'installed';
}

function commandOf(hook: unknown): string {
  return String(object(list(object(hook)?.['hooks'])[0])?.['command'] ?? '');
}

/** Where it is gone, the hooks are silent. */
async function hasProgram({ command }: ProtectionOptions): Promise<boolean> {
  const program = command.at(1);
  return program === undefined || (await fileState(program)) !== undefined;
}

async function plan(action: ProtectionPlan['action'], options: ProtectionOptions): Promise<PlanOutcome> {
  const found = await textOf(options);
  if (found.kind === 'unreadable') return found;
  const { file, text: before } = found;
  const { agent, scope } = options;
  const merged =
    agent === 'opencode' ? mergedPlugin(action, options, before) : mergedHooks(action, { ...options, agent }, before);
  if (merged.kind !== 'merged')
    return { kind: 'unreadable', file, detail: merged.kind === 'other-shape' ? merged.detail : merged.kind };
  const after = merged.text;
  const program = options.command.at(1);
  return {
    kind: 'planned',
    plan: {
      action,
      agent,
      scope,
      changes: before === after ? [] : [{ file, before, after }],
      afterwards: before === after && action === 'remove' ? [] : whatElse(action, options),
      alsoFires: action === 'install' ? await alsoFires(options) : [],
      ...(action === 'install' && program !== undefined ? { program } : {}),
    },
  };
}

function mergedHooks(
  action: ProtectionPlan['action'],
  options: ProtectionOptions & { readonly agent: Exclude<ProtectedAgent, 'opencode'> },
  before: string | undefined,
): Merged {
  if (action === 'remove') return withoutHooks(before);
  return withHooks(before, wantedHooks(options), options.agent === 'copilot-cli' ? { version: 1 } : {});
}

function mergedPlugin(
  action: ProtectionPlan['action'],
  { command, where }: ProtectionOptions,
  before: string | undefined,
): Merged | { readonly kind: 'not-ours' } {
  const isOurs = before?.startsWith(PLUGIN_MARK) === true;
  if (action === 'remove') return { kind: 'merged', text: isOurs ? undefined : before };
  return before === undefined || isOurs ? { kind: 'merged', text: pluginText(command, where) } : { kind: 'not-ours' };
}

function whatElse(action: ProtectionPlan['action'], { agent, scope }: ProtectionOptions): ProtectionPlan['afterwards'] {
  if (action === 'remove') return ['restart'];
  const trusts = scope === 'project' && (agent === 'codex' || agent === 'gemini' || agent === 'copilot-cli');
  return [
    ...(trusts ? (['trust-folder'] as const) : []),
    ...(agent === 'codex' ? (['trust-hook'] as const) : []),
    'restart',
  ];
}

/** Copilot CLI runs the hooks of Claude Code as well: both decide by the same record, so that one denial is enough. */
async function alsoFires(options: ProtectionOptions): Promise<readonly ProtectedAgent[]> {
  const other =
    options.agent === 'copilot-cli' ? 'claude-code' : options.agent === 'claude-code' ? 'copilot-cli' : undefined;
  if (other === undefined) return [];
  for (const scope of ['project', 'user'] as const) {
    const state = await protectionState({ ...options, agent: other, scope });
    if (state === 'installed' || state === 'outdated') return [other];
  }
  return [];
}

type FoundText =
  | { readonly kind: 'text'; readonly file: string; readonly text: string | undefined }
  | Extract<PlanOutcome, { kind: 'unreadable' }>;

/** A project may have come from anywhere: a link of it that leads out of the folder is not followed. The user's own is. */
async function textOf(options: ProtectionOptions): Promise<FoundText> {
  const named = hooksFile(options);
  let file = await realPath(named);
  if (options.scope === 'project') {
    const place = createReadCache(options.folder).locate(named);
    if (place.kind === 'nowhere') return { kind: 'unreadable', file: named, detail: place.code };
    if (place.outside) return { kind: 'unreadable', file: named, detail: 'outside' };
    file = place.path;
  }
  try {
    const bytes = await readFile(file);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: 'text', file, text };
  } catch (error) {
    // What is not UTF-8 would not come back as it was.
    if (error instanceof TypeError) return { kind: 'unreadable', file, detail: 'not-json' };
    if (!isSystemError(error)) throw error;
    return error.code === 'ENOENT' || error.code === 'ENOTDIR'
      ? { kind: 'text', file, text: undefined }
      : { kind: 'unreadable', file, detail: error.code ?? error.message };
  }
}
