import { basename, join } from 'node:path';
import { type Agent, agents, isUuid, nativeSession, restoreOptions } from '../../agents/index.ts';
import type { SnapshotBody } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { driveSession } from '../driveSession.ts';
import { type Ending, type Failed, failed, isFailed, openFailed, thrownSystemError } from '../ending.ts';
import { plain, plainLine } from '../plain.ts';
import { shellWord } from '../shellWord.ts';
import { firstMessage, startAgent } from '../startAgent.ts';
import { briefingText } from './briefing.ts';

export interface ResumeOptions {
  readonly print?: boolean;
  readonly briefing?: boolean;
  readonly restoreConfig?: boolean;
  readonly takeOver?: boolean;
}

export async function resume(context: Context, name: string, options: ResumeOptions): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { document } = opened;
  const { body } = document;
  let upTo: number | undefined;
  let text: string | undefined;
  try {
    const [last] = await document.messages(Math.max(0, document.messageCount - 1), document.messageCount);
    // A fork ends with its last message, not with its parent's transcript.
    upTo = body.parent === undefined ? body.source?.raw?.bytes : last?.raw?.to;
    const said = options.briefing === true ? await briefingText(context, document, {}) : undefined;
    if (isFailed(said)) return said;
    text = said;
  } finally {
    await document.close();
  }
  const native = nativeSession(body);
  const agent = agents.find(({ id }) => id === native?.agent);
  if (native === undefined || agent === undefined) return failed('not-native', name);
  // The id comes from a file that anybody may have written, and becomes part of a command line.
  if (!isUuid(native.id)) return failed('unsafe-id', native.id);
  const restored = options.restoreConfig === true ? restoreOptions(agent, body.agent_config ?? {}) : {};
  const done = {
    agent: agent.id,
    native_id: native.id,
    briefing: text?.length ?? null,
    restored: { model: restored.model ?? null, provider: restored.provider ?? null },
  };
  const live = await agent.find(context.agentHome, context.folder);
  const present = live.some(({ nativeId }) => nativeId === native.id);
  const elsewhere = present ? undefined : await agent.transcriptOf(context.agentHome, native.id);
  const commandWith = (prompt: string | undefined): ReturnType<Agent['resumeCommand']> =>
    agent.resumeCommand(native.id, { ...restored, ...(prompt === undefined ? {} : { prompt }) });
  if (options.print === true) {
    const { command, args } = commandWith(text);
    const state = present ? 'present' : elsewhere === undefined ? 'missing' : 'elsewhere';
    const json = { command, args, cwd: context.folder, ...done, native: state };
    return { kind: 'done', json, text: printed(context, [command, ...args], present, elsewhere) };
  }
  if (elsewhere !== undefined) return failed('elsewhere', elsewhere);
  const lease = await driveSession(context, name, body.session_id, options.takeOver === true);
  if (isFailed(lease)) return lease;
  try {
    if (!present) {
      const missing = await writeNative(context, agent, native.id, name, body, upTo);
      if (missing !== undefined) return missing;
    }
    const first = text === undefined ? undefined : await firstMessage(context, text);
    if (isFailed(first)) return first;
    try {
      const { command, args } = commandWith(first?.prompt);
      const failure = await startAgent(context, command, args);
      return failure ?? { kind: 'done', json: { name, ...done }, text: '' };
    } finally {
      await first?.remove();
    }
  } finally {
    await lease?.release();
  }
}

/** Writes the native transcript from the mirrored bytes; undefined when it was written. */
async function writeNative(
  context: Context,
  agent: Agent,
  newId: string,
  name: string,
  body: SnapshotBody,
  upTo: number | undefined,
): Promise<Failed | undefined> {
  const raw = body.source?.raw;
  if (raw === undefined || upTo === undefined) return failed('no-transcript', name);
  // Only ever a file of the mirror, whatever path the snapshot names.
  const mirror = join(context.store.root, 'raw', basename(raw.file));
  try {
    await agent.fork(context.agentHome, {
      raw: mirror,
      upTo: Math.min(upTo, raw.bytes),
      folder: context.folder,
      newId,
      title: body.title ?? name,
      now: context.io.now(),
    });
    return undefined;
  } catch (error) {
    const failure = thrownSystemError(error, mirror);
    return failure.code === 'no-such-file' ? failed('no-transcript', name) : failure;
  }
}

function printed(
  { folder }: Context,
  words: readonly string[],
  present: boolean,
  elsewhere: string | undefined,
): string {
  // A first message has lines, which stay inside its quotes.
  const line = `cd ${shellWord(folder)} && ${words.map(shellWord).join(' ')}`;
  if (elsewhere !== undefined) {
    return `${plain(line)}${plainLine(`  # its transcript belongs to another folder: ${elsewhere}`)}`;
  }
  return present
    ? plain(line)
    : `${plain(line)}  # its transcript is not there yet: holdfast resume without --print writes it first`;
}
