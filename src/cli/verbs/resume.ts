import {
  type Agent,
  agents,
  type CommandLine,
  type NativeForm,
  nativeSession,
  restoreOptions,
} from '../../agents/index.ts';
import { mirrorPath, type SessionDocument, type SnapshotBody } from '../../core/index.ts';
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
  let plan: Plan | Failed;
  try {
    plan = await planOf(context, opened.document, options);
  } finally {
    await opened.document.close();
  }
  if (isFailed(plan)) return plan;
  const { agent, form, nativeId, text, restored } = plan;
  const live = await agent.find(context.agentHome, context.folder);
  const present = live.some((one) => one.nativeId === nativeId);
  const elsewhere = present ? undefined : await form.transcriptOf(context.agentHome, nativeId);
  const facts = {
    agent: agent.id,
    native_id: nativeId,
    briefing: text?.length ?? null,
    restored: { model: restored.model ?? null, provider: restored.provider ?? null },
  };
  if (options.print === true) {
    const { command, args } = commandOf(plan, text);
    const native = present ? 'present' : elsewhere === undefined ? 'missing' : 'elsewhere';
    const json = { command, args, cwd: context.folder, ...facts, native };
    return { kind: 'done', json, text: printed(context, [command, ...args], present, elsewhere) };
  }
  if (elsewhere !== undefined) return failed('elsewhere', elsewhere);
  const lease = await driveSession(context, name, plan.body.session_id, options.takeOver === true);
  if (isFailed(lease)) return lease;
  try {
    const failure = (present ? undefined : await writeNative(context, name, plan)) ?? (await run(context, plan));
    return failure ?? { kind: 'done', json: { name, ...facts }, text: '' };
  } finally {
    await lease?.release();
  }
}

interface Plan {
  readonly agent: Agent;
  readonly form: NativeForm;
  readonly nativeId: string;
  readonly body: SnapshotBody;
  /** Bytes of the mirrored transcript that the session shares. */
  readonly upTo: number | undefined;
  /** The first message. */
  readonly text: string | undefined;
  readonly restored: ReturnType<typeof restoreOptions>;
}

async function planOf(context: Context, document: SessionDocument, options: ResumeOptions): Promise<Plan | Failed> {
  const { name, body, messageCount } = document;
  const native = nativeSession(body);
  const agent = agents.find(({ id }) => id === native?.agent);
  const form = agent?.native;
  if (native === undefined || agent === undefined || form?.resumeCommand === undefined)
    return failed('not-native', name);
  // The id comes from a file that anybody may have written, and becomes part of a command line.
  if (!form.isId(native.id)) return failed('unsafe-id', native.id);
  const restored = options.restoreConfig === true ? restoreOptions(agent, body.agent_config ?? {}) : {};
  const [last] = await document.messages(Math.max(0, messageCount - 1), messageCount);
  // A fork ends with its last message, not with its parent's transcript.
  const upTo = body.parent === undefined ? body.source?.raw?.bytes : last?.raw?.to;
  const text =
    options.briefing === true
      ? await briefingText(context, document, { restored: restoredFields(restored) })
      : undefined;
  return isFailed(text) ? text : { agent, form, nativeId: native.id, body, upTo, text, restored };
}

function commandOf({ form, nativeId, restored }: Plan, prompt: string | undefined): CommandLine {
  const command = form.resumeCommand?.(nativeId, { ...restored, ...(prompt === undefined ? {} : { prompt }) });
  if (command === undefined) throw new Error('a plan without a command');
  return command;
}

/** Undefined when the agent ended well. */
async function run(context: Context, plan: Plan): Promise<Failed | undefined> {
  const first = plan.text === undefined ? undefined : await firstMessage(context, plan.text);
  if (isFailed(first)) return first;
  try {
    const { command, args } = commandOf(plan, first?.prompt);
    return await startAgent(context, command, args);
  } finally {
    await first?.remove();
  }
}

function restoredFields({ model, provider }: ReturnType<typeof restoreOptions>): readonly string[] {
  return [...(model === undefined ? [] : ['llm_model']), ...(provider === undefined ? [] : ['llm_provider'])];
}

/** Writes the native transcript from the mirrored bytes; undefined when it was written. */
async function writeNative(
  context: Context,
  name: string,
  { form, nativeId, body, upTo }: Plan,
): Promise<Failed | undefined> {
  const raw = body.source?.raw;
  const mirror = raw === undefined ? undefined : mirrorPath(context.store.root, raw.file);
  if (raw === undefined || mirror === undefined || upTo === undefined) return failed('no-transcript', name);
  try {
    await form.fork(context.agentHome, {
      raw: mirror,
      upTo: Math.min(upTo, raw.bytes),
      folder: context.folder,
      newId: nativeId,
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
