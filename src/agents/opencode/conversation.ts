import { isDeepStrictEqual } from 'node:util';
import type { Message, SessionEvent } from '../../core/index.ts';
import { createMessageLog } from '../messageLog.ts';
import { count, type JsonObject, object, string } from '../shape.ts';
import { type Piece, type Step, stepsOf } from './pieces.ts';

/** A message of opencode's with what its parts say, in order. */
export interface Entry {
  readonly id: string;
  readonly created: number;
  readonly info: JsonObject;
  readonly pieces: readonly Piece[];
}

/** The visible conversation of one session, whose messages and parts are told in any order, and told anew. */
export interface Conversation {
  message(info: JsonObject): void;
  part(messageId: string, piece: Piece): void;
  /** Hides what comes after the point that it names; undefined shows all again. */
  revert(to: JsonObject | undefined): void;
  removeMessages(gone: (id: string) => boolean): void;
  removeParts(messageId: string, gone: (id: string) => boolean): void;
  messages(): readonly Message[];
  /** The messages that are visible, with their steps; those that say nothing have none. */
  entries(): readonly { readonly entry: Entry; readonly steps: readonly Step[] }[];
  takeEvents(): readonly SessionEvent[];
}

interface Stored {
  readonly id: string;
  info: JsonObject | undefined;
  created: number;
  pieces: Piece[];
  told: readonly Message[];
}

/** So many messages may wait to be put in their places. */
const UNSETTLED = 32;

export function createConversation(): Conversation {
  const log = createMessageLog([]);
  const stored = new Map<string, Stored>();
  /** By time, then id, as opencode itself sorts. */
  let order: Stored[] = [];
  const dirty = new Set<Stored>();
  let hidden: { readonly messageId: string; readonly partId: string | undefined } | undefined;
  /** More changed than messages that go on, or were added at the end. */
  let isRearranged = false;

  function of(id: string): Stored {
    const known = stored.get(id);
    if (known !== undefined) return known;
    const made: Stored = { id, info: undefined, created: 0, pieces: [], told: [] };
    stored.set(id, made);
    return made;
  }

  function message(info: JsonObject): void {
    // Bit by bit, so that whoever asks for the conversation is not held up by all of it.
    if (dirty.size >= UNSETTLED && hidden === undefined) settle();
    const id = string(info['id']) ?? '';
    const one = of(id);
    const created = count(object(info['time'])?.['created']);
    if (one.info === undefined || created !== one.created) {
      if (one.info !== undefined) {
        order = order.filter((other) => other !== one);
        isRearranged = true;
      }
      one.created = created;
      insert(order, one, compare);
    }
    one.info = info;
    dirty.add(one);
  }

  function part(messageId: string, piece: Piece): void {
    const one = of(messageId);
    const at = one.pieces.findIndex(({ id }) => id === piece.id);
    if (at === -1) insert(one.pieces, piece, (a, b) => compareText(a.id, b.id));
    else one.pieces[at] = piece;
    dirty.add(one);
  }

  function visiblePieces(one: Stored): readonly Piece[] | undefined {
    const target = hidden === undefined ? undefined : stored.get(hidden.messageId);
    if (hidden === undefined || target?.info === undefined) return one.pieces;
    if (one === target && hidden.partId !== undefined) {
      const at = one.pieces.findIndex(({ id }) => id === hidden?.partId);
      return at === -1 ? one.pieces : one.pieces.slice(0, at);
    }
    return compare(one, target) >= 0 ? undefined : one.pieces;
  }

  function stepsIn(one: Stored): readonly Step[] {
    const pieces = visiblePieces(one);
    return one.info === undefined || pieces === undefined ? [] : stepsOf(one.info, pieces);
  }

  function settle(): void {
    if (dirty.size === 0 && !isRearranged) return;
    if (hidden !== undefined) isRearranged = true;
    const changed = [...dirty].filter(({ info }) => info !== undefined).sort(compare);
    dirty.clear();
    let last = order.findLast(({ told }) => told.length > 0);
    for (const one of changed) {
      const fresh = stepsIn(one).flatMap(({ messages }) => messages);
      const isEnd = last === undefined || compare(one, last) >= 0;
      const isSame = one.told.every(({ id }, index) => fresh[index]?.id === id);
      if (isRearranged || !isSame || (fresh.length > one.told.length && !isEnd)) {
        isRearranged = true;
        break;
      }
      for (const [index, next] of fresh.entries()) {
        const old = one.told[index];
        if (old === undefined) log.append(next);
        else if (!isDeepStrictEqual(old, next)) log.replace(next.id, next);
      }
      one.told = fresh;
      if (fresh.length > 0 && isEnd) last = one;
    }
    if (isRearranged) rearrange();
    isRearranged = false;
  }

  /** Makes all of it anew, and tells what differs. */
  function rearrange(): void {
    const before = log.messages();
    const fresh = order.flatMap((one) => {
      one.told = stepsIn(one).flatMap(({ messages }) => messages);
      return one.told;
    });
    let same = 0;
    while (same < before.length && before[same]?.id === fresh[same]?.id) same += 1;
    log.truncate(same);
    for (const [index, next] of fresh.entries()) {
      if (index >= same) log.append(next);
      else if (!isDeepStrictEqual(before[index], next)) log.replace(next.id, next);
    }
  }

  return {
    message,
    part,
    revert(to) {
      const messageId = string(to?.['messageID']);
      const next = messageId === undefined ? undefined : { messageId, partId: string(to?.['partID']) };
      if (isDeepStrictEqual(next, hidden)) return;
      hidden = next;
      isRearranged = true;
    },
    removeMessages(gone) {
      for (const one of order) {
        if (!gone(one.id)) continue;
        stored.delete(one.id);
        dirty.delete(one);
        isRearranged = true;
      }
      order = order.filter(({ id }) => stored.has(id));
    },
    removeParts(messageId, gone) {
      const one = stored.get(messageId);
      if (one === undefined || !one.pieces.some(({ id }) => gone(id))) return;
      one.pieces = one.pieces.filter(({ id }) => !gone(id));
      dirty.add(one);
      isRearranged = true;
    },
    messages() {
      settle();
      return log.messages();
    },
    entries: () =>
      order.flatMap((one) => {
        const { id, created, info } = one;
        const pieces = visiblePieces(one);
        if (info === undefined || pieces === undefined) return [];
        return [{ entry: { id, created, info, pieces }, steps: stepsIn(one) }];
      }),
    takeEvents() {
      settle();
      return log.takeEvents();
    },
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(a: Stored, b: Stored): number {
  return a.created - b.created || compareText(a.id, b.id);
}

/** Most things come in order: it is looked for from the end. */
function insert<T>(sorted: T[], item: T, order: (a: T, b: T) => number): void {
  let at = sorted.length;
  while (at > 0 && order(sorted[at - 1] as T, item) > 0) at -= 1;
  sorted.splice(at, 0, item);
}
