import {
  bindTouches,
  createReadCache,
  type FileTouch,
  type ReadCacheEntry,
  type SessionEvent,
  type SessionStore,
  type SnapshotHead,
} from '../core/index.ts';
import type { AgentId, TranscriptReader } from './agent.ts';
import { agentById } from './agents.ts';
import { fileState, isInside, realPath, withFile } from './files.ts';
import { type Fingerprint, isStillThere, takeFingerprint } from './fingerprint.ts';
import { mirrorUpTo } from './mirrorUpTo.ts';
import { offloadBlobs } from './offload.ts';
import { pump, type ReadPosition, readBase } from './readTranscript.ts';
import { optional } from './shape.ts';

export interface FollowOptions {
  readonly agent: AgentId;
  /** Absolute path. */
  readonly transcript: string;
  /** The workspace folder of the session, absolute. */
  readonly folder: string;
  readonly sessionId: string;
  /**
   * Where to go on: an import's reader and position, or how many bytes of the transcript the saved session holds
   * (`source.raw.bytes`; `mirror` is the absolute path of those bytes, to see whether the transcript still begins so).
   */
  readonly from:
    | { readonly reader: TranscriptReader; readonly position: ReadPosition }
    | { readonly bytes: number; readonly mirror?: string };
  /** Where raw bytes are mirrored and images and big outputs go. */
  readonly store?: SessionStore;
  /**
   * What the session knows of a file by now, through Holdfast too: an agent's look at a part of it takes nothing from
   * that. Absent: only what the transcript tells counts.
   */
  readonly known?: (key: string) => ReadCacheEntry | undefined;
  /** ms since the epoch */
  readonly now: () => number;
  /**
   * Takes events in order. Where it rejects, the same events come again, before newer ones, with the next poll; all
   * but rewinds may be applied twice.
   */
  readonly onEvents: (events: readonly SessionEvent[]) => Promise<void>;
}

export type PollOutcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'grown'; readonly events: number; readonly position: ReadPosition }
  /** The transcript is not the one that was followed (shorter, another file, other bytes), or a read of it failed half-way. It is to be imported anew. */
  | { readonly kind: 'replaced' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'closed' };

/**
 * Turns the growth of a transcript into journal events.
 *
 * Owns the reader and the place in the file. It does not watch: whoever gets a hint that the file changed calls
 * `poll`, which reads the new bytes and no others. Polls run one after the other.
 */
export interface Follower {
  /** Rejects where `onEvents` does. */
  poll(): Promise<PollOutcome>;
  position(): ReadPosition;
  /** Waits for a poll that runs. */
  close(): Promise<void>;
}

export async function followTranscript(options: FollowOptions): Promise<Follower> {
  const start = await startingPoint(options);
  const { reader } = start;
  let { position, fingerprint } = start;
  const ids = reader.messages().map((message) => message.id);
  const numbers = new Map(ids.map((id, index) => [id, index + 1]));
  // What was read and is not delivered yet: kept where storing or delivering fails.
  let taken: readonly SessionEvent[] = [];
  let touched: readonly FileTouch[] = [];
  let undelivered: readonly SessionEvent[] = [];
  /** Of the file when it was read last; a text of the same length may have been written over it since. */
  let readAt: number | undefined;
  let ended: 'replaced' | 'closed' | undefined = start.differs ? 'replaced' : undefined;
  let running: Promise<unknown> = Promise.resolve();

  async function pollNow(): Promise<PollOutcome> {
    if (ended !== undefined) return { kind: ended };
    const state = await fileState(options.transcript);
    if (state === undefined) return { kind: 'missing' };
    const same = state.size === position.bytes && state.ino === fingerprint.ino && state.mtimeMs === readAt;
    if (same && taken.length + touched.length + undelivered.length === 0) return { kind: 'same' };
    let pumping = false;
    const read = await withFile(options.transcript, async (handle) => {
      if (!(await isStillThere(handle, fingerprint, position.bytes))) return 'replaced';
      pumping = true;
      const pumped = await pump(handle, reader, { from: position });
      position = { bytes: pumped.bytes, lines: pumped.lines };
      fingerprint = await takeFingerprint(handle, position.bytes);
      return 'read';
    });
    if (read === undefined && !pumping) return { kind: 'missing' };
    // A read that failed half-way has left lines in the reader that would come twice: only a new import is sure.
    if (read !== 'read') {
      ended = 'replaced';
      return { kind: 'replaced' };
    }
    readAt = state.mtimeMs;
    const fresh = reader.takeEvents();
    for (const event of fresh) note(event);
    taken = [...taken, ...fresh];
    touched = [...touched, ...reader.takeTouches()];
    undelivered = [...undelivered, ...(await toDeliver())];
    taken = [];
    touched = [];
    const events = undelivered.length;
    if (events === 0) return { kind: 'same' };
    await options.onEvents(undelivered);
    undelivered = [];
    return { kind: 'grown', events, position };
  }

  async function toDeliver(): Promise<readonly SessionEvent[]> {
    const { store } = options;
    const events: SessionEvent[] = [];
    for (const event of taken) {
      if (event.type !== 'message' || store === undefined) events.push(event);
      else events.push({ ...event, message: await offloadBlobs(event.message, store) });
    }
    if (touched.length > 0) events.push(await cacheEvent(touched));
    if (events.length > 0) events.push({ type: 'head', set: await head() });
    return events;
  }

  function note(event: SessionEvent): void {
    if (event.type === 'rewind') {
      const keep = event.after === null ? 0 : (numbers.get(event.after) ?? ids.length);
      for (const id of ids.splice(keep)) numbers.delete(id);
    } else if (event.type === 'message' && !numbers.has(event.message.id)) {
      ids.push(event.message.id);
      numbers.set(event.message.id, ids.length);
    }
  }

  async function cacheEvent(touches: readonly FileTouch[]): Promise<SessionEvent> {
    const { cwd } = reader.facts();
    const here = cwd === undefined || isInside(await realPath(options.folder), await realPath(cwd));
    const set = await bindTouches(touches, {
      folder: options.folder,
      messageNumber: (id) => numbers.get(id),
      now: options.now,
      ...optional('known', options.known),
      ...optional('fromFolder', here ? undefined : cwd),
    });
    const keys = createReadCache(options.folder);
    const deleted = touches.filter((touch) => touch.op === 'delete').map((touch) => keys.key(touch.path));
    const remove = (await Promise.all(deleted)).filter(
      (key) => key !== undefined && !Object.hasOwn(set, key),
    ) as string[];
    return { type: 'read_cache', set, ...(remove.length > 0 ? { remove } : {}) };
  }

  async function head(): Promise<Partial<SnapshotHead>> {
    const facts = reader.facts();
    const raw = await mirrorUpTo(options.store, options.sessionId, options.transcript, position.bytes);
    return {
      ...optional('title', facts.title),
      source: { ...facts.source, ...optional('raw', raw) },
      agent_config: facts.config,
      metadata: facts.metadata,
      message_count: ids.length,
    };
  }

  return {
    poll() {
      const next = running.then(pollNow, pollNow);
      running = next;
      return next;
    },
    position: () => position,
    async close() {
      ended = 'closed';
      await running.catch(() => {
        // Its caller was told.
      });
    },
  };
}

interface StartingPoint {
  readonly reader: TranscriptReader;
  readonly position: ReadPosition;
  readonly fingerprint: Fingerprint;
  /** The transcript does not begin with the bytes that the session was saved from. */
  readonly differs: boolean;
}

async function startingPoint({ agent: id, transcript, from }: FollowOptions): Promise<StartingPoint> {
  const agent = agentById(id);
  if ('reader' in from) {
    const fingerprint = await withFile(transcript, (handle) => takeFingerprint(handle, from.position.bytes));
    return { ...from, fingerprint: fingerprint ?? { ino: 0, head: '', tail: '' }, differs: false };
  }
  const reader = agent.reader({ transcript, ...(await readBase(agent, transcript)) });
  const found = await withFile(transcript, async (handle) => {
    const { bytes, lines } = await pump(handle, reader, { to: from.bytes });
    const fingerprint = await takeFingerprint(handle, bytes);
    const mirrored =
      from.mirror === undefined ? undefined : await withFile(from.mirror, (mirror) => takeFingerprint(mirror, bytes));
    const differs =
      mirrored !== undefined && (mirrored.head !== fingerprint.head || mirrored.tail !== fingerprint.tail);
    return { position: { bytes, lines }, fingerprint, differs };
  });
  reader.takeEvents();
  reader.takeTouches();
  return {
    reader,
    ...(found ?? {
      position: { bytes: 0, lines: 0 },
      fingerprint: { ino: 0, head: '', tail: '' },
      differs: from.bytes > 0,
    }),
  };
}
