import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { type Agent, agents, isUuid, nativeSession } from '../../agents/index.ts';
import type { SnapshotBody } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { type Ending, type Failed, failed, openFailed, thrownSystemError } from '../ending.ts';
import { plainLine } from '../plain.ts';
import { shellWord } from '../shellWord.ts';

export async function resume(context: Context, name: string, options: { readonly print?: boolean }): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { document } = opened;
  const { body } = document;
  let upTo: number | undefined;
  try {
    const [last] = await document.messages(Math.max(0, document.messageCount - 1), document.messageCount);
    // A fork ends with its last message, not with its parent's transcript.
    upTo = body.parent === undefined ? body.source?.raw?.bytes : last?.raw?.to;
  } finally {
    await document.close();
  }
  const native = nativeSession(body);
  const agent = agents.find(({ id }) => id === native?.agent);
  if (native === undefined || agent === undefined) return failed('not-native', name);
  // The id comes from a file that anybody may have written, and becomes part of a command line.
  if (!isUuid(native.id)) return failed('unsafe-id', native.id);
  const live = await agent.find(context.agentHome, context.folder);
  const present = live.some(({ nativeId }) => nativeId === native.id);
  const elsewhere = present ? undefined : await agent.transcriptOf(context.agentHome, native.id);
  const { command, args } = agent.resumeCommand(native.id);
  if (options.print === true) {
    const json = {
      command,
      args,
      cwd: context.folder,
      agent: agent.id,
      native_id: native.id,
      native: present ? 'present' : elsewhere === undefined ? 'missing' : 'elsewhere',
    };
    return { kind: 'done', json, text: printed(context, [command, ...args], present, elsewhere) };
  }
  if (elsewhere !== undefined) return failed('elsewhere', elsewhere);
  if (!present) {
    const missing = await writeNative(context, agent, native.id, name, body, upTo);
    if (missing !== undefined) return missing;
  }
  const failure = await start(context, command, args);
  return failure ?? { kind: 'done', json: { name, agent: agent.id, native_id: native.id }, text: '' };
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

/** Undefined when the agent ended well. */
function start(context: Context, command: string, args: readonly string[]): Promise<Failed | undefined> {
  const options = { cwd: context.folder, stdio: 'inherit', env: { ...context.io.env } } as const;
  return new Promise((done, fail) => {
    const child =
      process.platform === 'win32'
        ? // There the agents are installed as .cmd files, which only a shell starts. The words are a flag and a UUID.
          spawn([command, ...args].join(' '), { ...options, shell: true })
        : spawn(command, args, options);
    // Ctrl+C is for the agent, which shares the terminal; ending before it would leave the terminal to two.
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    child.on('error', (error: NodeJS.ErrnoException) => {
      process.off('SIGINT', ignore);
      if (error.code === 'ENOENT') done(failed('no-agent-program', command));
      else fail(error);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      if (code === 0) done(undefined);
      else done(failed('agent-failed', command, signal ?? `exit code ${code}`));
    });
  });
}

function printed(
  { folder }: Context,
  words: readonly string[],
  present: boolean,
  elsewhere: string | undefined,
): string {
  const line = `cd ${shellWord(folder)} && ${words.map(shellWord).join(' ')}`;
  if (elsewhere !== undefined) return plainLine(`${line}  # its transcript belongs to another folder: ${elsewhere}`);
  return plainLine(
    present ? line : `${line}  # its transcript is not there yet: holdfast resume without --print writes it first`,
  );
}
