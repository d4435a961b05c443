import type { SessionEvent } from './event.ts';
import type { Message } from './message.ts';
import type { ReadCacheEntry, SnapshotBody } from './snapshot.ts';

/** A session that is resumed daily for years keeps the newest ones. */
const MAX_DECISIONS = 100;

/**
 * What events make of a history without touching it: the first `keep` of its messages stay, some replaced (by index),
 * then come those of `tail`.
 */
export interface HistoryPlan {
  readonly keep: number;
  readonly replaced: ReadonlyMap<number, Message>;
  readonly tail: readonly Message[];
}

/** The ids whose place in the history decides what `events` do to it. */
export function idsOf(events: readonly SessionEvent[]): Set<string> {
  const ids = new Set<string>();
  for (const event of events) {
    if (event.type === 'message') ids.add(event.message.id);
    if (event.type === 'rewind' && event.after !== null) ids.add(event.after);
  }
  return ids;
}

/**
 * Folds events over a body and a history that is known only by its length and by where an id stands first in it
 * (`indexOf`, asked for `idsOf(events)` only).
 */
export function foldEvents(
  body: SnapshotBody,
  count: number,
  indexOf: (id: string) => number | undefined,
  events: readonly SessionEvent[],
): { readonly body: SnapshotBody; readonly plan: HistoryPlan } {
  let head = body;
  let keep = count;
  const replaced = new Map<number, Message>();
  let tail: Message[] = [];
  let tailIndex = new Map<string, number>();
  const cache = new Map<string, ReadCacheEntry>(Object.entries(body.read_cache ?? {}));
  let checkpoints = body.checkpoints ?? [];

  const cut = (length: number) => {
    const size = Math.max(0, Math.floor(length));
    if (size >= keep + tail.length) return;
    tail = tail.slice(0, Math.max(0, size - keep));
    tailIndex = new Map(tail.map((message, index) => [message.id, index]));
    keep = Math.min(keep, size);
    for (const index of replaced.keys()) if (index >= keep) replaced.delete(index);
    for (const [key, entry] of cache) if ((entry.message ?? 0) > size) cache.delete(key);
    checkpoints = checkpoints.filter((checkpoint) => checkpoint.message <= size);
  };
  const inBase = (id: string): number | undefined => {
    const index = indexOf(id);
    return index !== undefined && index < keep ? index : undefined;
  };

  for (const event of events) {
    switch (event.type) {
      case 'message': {
        const { id } = event.message;
        const base = inBase(id);
        const place = tailIndex.get(id);
        if (base !== undefined) replaced.set(base, event.message);
        else if (place !== undefined) tail[place] = event.message;
        else {
          tailIndex.set(id, tail.length);
          tail.push(event.message);
        }
        break;
      }
      case 'head': {
        const gone = new Set(event.remove);
        const { session_id = head.session_id, created_at = head.created_at, ...set } = event.set;
        const next = { ...head, ...set, session_id, created_at };
        head = gone.size === 0 ? next : withoutKeys(next, gone);
        break;
      }
      case 'read_cache':
        for (const [key, entry] of Object.entries(event.set ?? {})) cache.set(key, entry);
        for (const key of event.remove ?? []) cache.delete(key);
        break;
      case 'tools':
        head = { ...head, tools: event.tools, tool_schema_hash: event.tool_schema_hash };
        break;
      case 'checkpoint':
        checkpoints = [...checkpoints.filter((each) => each.id !== event.checkpoint.id), event.checkpoint];
        break;
      case 'decision':
        head = {
          ...head,
          decisions: [...(head.decisions ?? []).filter(({ id }) => id !== event.decision.id), event.decision].slice(
            -MAX_DECISIONS,
          ),
        };
        break;
      case 'rewind':
        if (event.after === null) cut(0);
        else {
          const place = tailIndex.get(event.after);
          const base = inBase(event.after);
          if (base !== undefined) cut(base + 1);
          else if (place !== undefined) cut(keep + place + 1);
        }
        break;
      case 'cut':
        cut(event.keep);
        break;
      default:
        event satisfies never;
    }
  }
  const folded: SnapshotBody = {
    ...head,
    message_count: keep + tail.length,
    ...(body.checkpoints || events.some(({ type }) => type === 'checkpoint') ? { checkpoints: [...checkpoints] } : {}),
    ...(body.read_cache || events.some(({ type }) => type === 'read_cache')
      ? { read_cache: Object.fromEntries(cache) }
      : {}),
  };
  return { body: folded, plan: { keep, replaced, tail } };
}

/** A copy without these keys. */
function withoutKeys(body: SnapshotBody, gone: ReadonlySet<string>): SnapshotBody {
  const kept = Object.fromEntries(Object.entries(body).filter(([key]) => !gone.has(key)));
  return { ...kept, session_id: body.session_id, created_at: body.created_at };
}
