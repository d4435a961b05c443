import { createPacer } from '../../core/index.ts';
import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { number, object, words } from '../shape.ts';
import { copyInfo, copyPart, sessionOf } from './copy.ts';
import { checkedSessionId } from './ids.ts';
import { type LoadedSession, loadSession } from './loadSession.ts';
import { createClock, type Making, type NewMessage, writeNewSession } from './newSession.ts';

/**
 * Writes the visible conversation of a session, or the first messages of it, as a session of its own: all ids are new,
 * since opencode passes over messages whose ids it has. A call whose answer is cut off, or that never got one, was
 * aborted, as opencode puts it.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  checkedSessionId(options.newId);
  const loaded = await loadSession(options.raw);
  if (loaded === undefined) throw new Error('the transcript to fork cannot be read');
  const kept = keptOf(loaded, options.messages ?? Number.POSITIVE_INFINITY);
  if (kept.length === 0) refuseInvalid([{ code: 'empty' }]);
  return writeNewSession(where, options, async (making) => ({
    info: sessionOf(loaded.info ?? {}, making, words(options.title) ?? words(loaded.info?.['title'])),
    messages: copies(loaded, kept, making),
  }));
}

/** A message, and how much of it. */
interface Kept {
  readonly id: string;
  /** Its first parts. */
  readonly pieces: number;
  /** Ids of its calls whose answers are cut off. */
  readonly unanswered: ReadonlySet<string>;
}

function keptOf(loaded: LoadedSession, most: number): readonly Kept[] {
  const kept: Kept[] = [];
  // What says nothing (the mark of a compaction) belongs to what comes after it.
  let silent: Kept[] = [];
  let counted = 0;
  for (const { entry, steps } of loaded.reader.entries()) {
    if (steps.length === 0) {
      silent.push({ id: entry.id, pieces: entry.pieces.length, unanswered: new Set() });
      continue;
    }
    let pieces = 0;
    let unanswered: ReadonlySet<string> = new Set();
    for (const step of steps) {
      if (counted >= most) break;
      const isCut = counted + step.messages.length > most;
      if (isCut) unanswered = new Set(entry.pieces.slice(pieces, step.pieces).map(({ id }) => id));
      counted += step.messages.length;
      pieces = step.pieces;
    }
    if (pieces === 0) break;
    kept.push(...silent, { id: entry.id, pieces, unanswered });
    silent = [];
    if (counted >= most) break;
  }
  return kept;
}

async function* copies(loaded: LoadedSession, kept: readonly Kept[], making: Making): AsyncGenerator<NewMessage> {
  const clock = createClock(making.now);
  const pace = createPacer();
  const renamed = new Map<string, string>();
  const pieces = new Map(loaded.reader.entries().map(({ entry }) => [entry.id, entry.pieces]));
  const fallback = [...loaded.messages.values()].map(({ info }) => info);
  let parent: string | undefined;
  for (const { id, pieces: count, unanswered } of kept) {
    const message = loaded.messages.get(id);
    if (message === undefined) continue;
    const newId = making.id('msg');
    renamed.set(id, newId);
    if (message.info['role'] === 'user') parent = newId;
    const created = clock(number(object(message.info['time'])?.['created']));
    const own = { id: newId, created, parentId: renamed.get(String(message.info['parentID'])) ?? parent ?? newId };
    const parts = (pieces.get(id) ?? []).slice(0, count).flatMap((piece) => {
      const part = message.parts.get(piece.id);
      const isOpen = unanswered.has(piece.id);
      return part === undefined ? [] : copyPart(part, { making, messageId: newId, created, isOpen, renamed });
    });
    yield { info: copyInfo(message.info, own, making, fallback), parts };
    await pace();
  }
}
