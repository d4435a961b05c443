import {
  bindTouches,
  createPacer,
  createReadCache,
  type FileTouch,
  type Message,
  type ReadCacheEntry,
  type SessionEvent,
  type SessionStore,
  type SnapshotHead,
} from '../core/index.ts';
import type { Agent, AgentId } from './agent.ts';
import { agentOf } from './agents.ts';
import { isInside, realPath } from './files.ts';
import { followDocument } from './followDocument.ts';
import { followLines, type LinesStart } from './followLines.ts';
import { followRows } from './followRows.ts';
import { createMirroring } from './mirroring.ts';
import type { Mirrored } from './mirrorUpTo.ts';
import { offloadBlobs } from './offload.ts';
import type { ReadPosition } from './readTranscript.ts';
import type { RecordSource, SourceOptions } from './recordSource.ts';
import { optional } from './shape.ts';
import type { WholeStart } from './toldSoFar.ts';

export interface FollowOptions {
  readonly agent: Agent | AgentId;
  /** Absolute path. */
  readonly transcript: string;
  /** The workspace folder of the session, absolute. */
  readonly folder: string;
  readonly sessionId: string;
  /**
   * Where to go on: an import's reader and position, or what the saved session holds. Of a transcript that is appended
   * to that is how many bytes (`source.raw.bytes`; `mirror` is the absolute path of those bytes, to see whether the
   * transcript still begins so); of any other its messages, read once.
   */
  readonly from: LinesStart | WholeStart;
  /** `source.raw` as it is saved. */
  readonly raw?: Mirrored;
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
  /**
   * The transcript is not the one that was followed (shorter, another file, other bytes; of one that is rewritten as a
   * whole: another conversation), or a read of it failed half-way. It is to be imported anew.
   */
  | { readonly kind: 'replaced' }
  /** It is gone, or nothing of the conversation is left in it; it may come back. What was saved stays as it is. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'closed' };

/**
 * Turns what is new in a transcript into journal events.
 *
 * Owns the reader and the place in the transcript. It does not watch: whoever gets a hint that the transcript changed
 * calls `poll`. Polls run one after the other.
 */
export interface Follower {
  /** Rejects where `onEvents` does. */
  poll(): Promise<PollOutcome>;
  position(): ReadPosition;
  /** Waits for a poll that runs. */
  close(): Promise<void>;
}

export async function followTranscript(options: FollowOptions): Promise<Follower> {
  const { transcript, store } = options;
  const agent = agentOf(options.agent);
  const stored = async (message: Message) => (store === undefined ? message : offloadBlobs(message, store));
  const source = await openSource(agent, { agent, transcript, stored, from: options.from, now: options.now });
  const mirroring = createMirroring({ ...options, agent, source });
  const ids = [...source.ids];
  const numbers = new Map(ids.map((id, index) => [id, index + 1]));
  // What was read and is not delivered yet: kept where storing or delivering fails.
  let taken: readonly SessionEvent[] = [];
  let touched: readonly FileTouch[] = [];
  let undelivered: readonly SessionEvent[] = [];
  let ended: 'replaced' | 'closed' | undefined;
  let running: Promise<unknown> = Promise.resolve();

  async function pollNow(): Promise<PollOutcome> {
    if (ended !== undefined) return { kind: ended };
    const look = await source.look();
    if (look.kind === 'replaced') ended = 'replaced';
    if (look.kind === 'read') {
      const dropped = new Set<string>();
      for (const event of look.events) note(event, dropped);
      taken = [...taken, ...look.events];
      touched = [...touched, ...look.touches];
      if (look.events.length + look.touches.length > 0) mirroring.isBehind(look.lost || dropped.size > 0);
    }
    // What was read before the transcript went is not in it any more: it is told all the same.
    undelivered = [...undelivered, ...(await toDeliver())];
    taken = [];
    touched = [];
    const events = undelivered.length;
    if (events > 0) await options.onEvents(undelivered);
    undelivered = [];
    if (look.kind !== 'same' && look.kind !== 'read') return look;
    return events === 0 ? { kind: 'same' } : { kind: 'grown', events, position: source.position() };
  }

  async function toDeliver(): Promise<readonly SessionEvent[]> {
    const events: SessionEvent[] = [];
    const pace = createPacer();
    for (const event of taken) {
      await pace();
      events.push(event.type === 'message' ? { ...event, message: await stored(event.message) } : event);
    }
    if (touched.length > 0) events.push(await cacheEvent(touched));
    const mirrored = await mirroring.catchUp();
    if (events.length > 0 || mirrored) events.push({ type: 'head', set: head() });
    return events;
  }

  /** `dropped` are the ids of messages that were taken back, and not told again since. */
  function note(event: SessionEvent, dropped: Set<string>): void {
    if (event.type === 'rewind') {
      const keep = event.after === null ? 0 : (numbers.get(event.after) ?? ids.length);
      for (const id of ids.splice(keep)) {
        numbers.delete(id);
        dropped.add(id);
      }
    } else if (event.type === 'message') {
      dropped.delete(event.message.id);
      if (numbers.has(event.message.id)) return;
      ids.push(event.message.id);
      numbers.set(event.message.id, ids.length);
    }
  }

  async function cacheEvent(touches: readonly FileTouch[]): Promise<SessionEvent> {
    const { cwd } = source.reader().facts();
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

  function head(): Partial<SnapshotHead> {
    const facts = source.reader().facts();
    return {
      ...optional('title', facts.title),
      source: { ...facts.source, ...optional('cwd', facts.cwd), ...optional('raw', mirroring.mirrored()) },
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
    position: () => source.position(),
    async close() {
      ended = 'closed';
      await running.catch(() => {
        // Its caller was told.
      });
    },
  };
}

/** Each layout has its starting points; one that does not fit is a defect of the caller. */
function openSource(agent: Agent, options: SourceOptions<LinesStart | WholeStart>): Promise<RecordSource> {
  const { from } = options;
  const { kind } = agent.layout(options.transcript);
  if (kind === 'lines') {
    if ('held' in from) throw new TypeError('what is appended to goes on from bytes, not from messages');
    return followLines({ ...options, from });
  }
  if ('bytes' in from) throw new TypeError('what is not appended to goes on from messages, not from bytes');
  return kind === 'document' ? followDocument({ ...options, from }) : followRows({ ...options, from });
}
