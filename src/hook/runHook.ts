import { isProtectedAgent, knowledgeLine, type SeenBeforeOptions, shape, stampLine } from '../agents/index.ts';
import { createReadCache, type ReadCacheEntry } from '../core/index.ts';
import { type Answer, answerText } from './answer.ts';
import { toolCall } from './call.ts';
import { checkEdit, expectPatched } from './checkEdit.ts';
import { noteEdit, noteRead } from './noteCall.ts';
import { noteShell } from './noteShell.ts';
import { type HookCall, hookCall } from './payload.ts';
import { type HookSession, openSession } from './session.ts';
import { saveWords, writeNews } from './turnEnd.ts';
import { BLIND, refusalWords, shellWords, slippedInWords } from './words.ts';

export type SeenBefore = (options: SeenBeforeOptions) => Promise<Readonly<Record<string, ReadCacheEntry>> | undefined>;

/** Everything that a hook takes from and gives to the outside. */
export interface HookIo {
  /** What the agent wrote to standard input. */
  readonly input: string;
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** ms since the epoch */
  readonly now: () => number;
  /** Random hex digits, at least 16. */
  readonly random: () => string;
  /** Loads what reads transcripts; undefined where that does not lie beside the hook. */
  readonly loadSeenBefore: () => Promise<SeenBefore | undefined>;
  /** The command line's program, where it lies beside the hook. */
  readonly cli: string | undefined;
  /** Starts Node with these words, and does not wait for it. */
  readonly start: (words: readonly string[]) => Promise<void>;
  /** A line for the log: a hook never fails its agent, so that nobody else would learn of it. */
  readonly log: (line: string) => void;
}

/** So long a transcript may take to be read while an agent waits. */
const LEARN_MS = 5000;

/** What to print; empty for silence. Never throws: what goes wrong is logged, and the agent goes on. */
export async function runHook(words: readonly string[], io: HookIo): Promise<string> {
  try {
    const [agent = '', named] = words;
    if (!isProtectedAgent(agent)) throw new Error(`no agent with hooks: ${agent}`);
    const payload = shape.parseObject(io.input);
    const call = payload === undefined ? undefined : hookCall(agent, named, payload, io.env, io.cwd);
    if (call === undefined) throw new Error(`no payload of a hook: ${io.input.slice(0, 200)}`);
    if (call.event === 'other') return '';
    const session = openSession(call, io.home);
    if (session === undefined) throw new Error(`no id of a session: ${call.nativeId.slice(0, 200)}`);
    return answerText(call, await answer(call, session, io));
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    io.log(`${words.join(' ')}: ${stack?.split('\n').slice(0, 3).join(' ') ?? message}`);
    return '';
  }
}

async function answer(call: HookCall, session: HookSession, io: HookIo): Promise<Answer> {
  const now = io.now();
  switch (call.event) {
    case 'before':
      return before(call, session, io);
    case 'after':
      return after(call, session, now);
    case 'start':
      if (call.fresh && session.knowledge() === undefined) session.append([knowledgeLine({ at: now, from: 'start' })]);
      session.forget(now);
      return {};
    case 'turn-end':
    case 'session-end': {
      writeNews(session, call, now);
      const words = saveWords(session, call, io.cli);
      if (words !== undefined) await io.start(words);
      session.compact();
      return {};
    }
    case 'other':
      return {};
  }
}

async function before(call: HookCall, session: HookSession, io: HookIo): Promise<Answer> {
  const wanted = toolCall(call.tool, call.input, call.cwd);
  const files = wanted.kind === 'edit' ? wanted.files : wanted.kind === 'shell' ? wanted.patch : [];
  if (files.length === 0) return {};
  let learned: Promise<boolean> | undefined;
  const learn = (): Promise<boolean> => {
    learned ??= learnBefore(call, session, io);
    return learned;
  };
  const had = session.knowledge();
  const { refusals, blind } = await checkEdit({ session, files, callKey: call.callKey, now: io.now(), learn });
  if (refusals.length > 0) return { deny: refusalWords(refusals) };
  if (wanted.kind === 'shell') await expectPatched(session, wanted, io.now());
  if (!blind) return {};
  // Said once: the next hook finds that nothing is known.
  if (had?.from === 'nothing') return {};
  io.log(`${call.agent} ${call.nativeId}: nothing is known of what it has read before`);
  return { warn: BLIND };
}

/**
 * Takes over from the transcript what the session has read, as far as no hook saw it: before there were hooks, or by
 * other ways than the tools that hooks are told of (a file that the user named). False where nothing can be known of
 * what it read before. Only asked where a file is not known, so that hardly any edit waits for it.
 */
async function learnBefore(call: HookCall, session: HookSession, io: HookIo): Promise<boolean> {
  const known = session.knowledge();
  if (known?.from === 'nothing') return false;
  const at = io.now();
  const entries = await readBefore(call, session, io);
  if (entries === undefined) {
    if (known === undefined) session.append([knowledgeLine({ at, from: 'nothing' })]);
    return known !== undefined;
  }
  const cache = createReadCache(session.place.folder, entries);
  const lines = cache.list().flatMap(([key, entry]) => {
    const path = cache.absolute(key);
    // What a hook saw itself counts more.
    return path === undefined || session.find(path) !== undefined ? [] : [stampLine({ path, at, entry })];
  });
  session.append([...lines, ...(known === undefined ? [knowledgeLine({ at, from: 'transcript' })] : [])]);
  return true;
}

async function readBefore(call: HookCall, session: HookSession, io: HookIo) {
  const { agent, nativeId, transcript } = call;
  try {
    const seenBefore = await io.loadSeenBefore();
    return await seenBefore?.({
      agent,
      nativeId,
      ...shape.optional('transcript', transcript),
      folder: session.place.folder,
      where: { home: io.home, env: io.env },
      now: io.now,
      random: io.random,
      signal: AbortSignal.timeout(LEARN_MS),
    });
  } catch (error) {
    io.log(`${agent} ${nativeId}: its transcript could not be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

async function after(call: HookCall, session: HookSession, now: number): Promise<Answer> {
  const done = toolCall(call.tool, call.input, call.cwd);
  const { response, callKey } = call;
  switch (done.kind) {
    case 'none':
      return {};
    case 'read':
      if (!response.failed) await noteRead(session, done.path, response, now);
      return {};
    case 'edit': {
      if (response.failed) return {};
      const slipped = await noteEdit(session, done.files, response, callKey, now);
      return slipped.length === 0 ? {} : { tell: slippedInWords(slipped) };
    }
    case 'shell': {
      const { script, folder } = done;
      const changes = await noteShell({ session, script, folder, printed: response.printed ?? '', callKey, now });
      return changes.length === 0 ? {} : { tell: shellWords(changes) };
    }
  }
}
