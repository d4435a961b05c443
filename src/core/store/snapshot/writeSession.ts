import type { SessionEvent } from '../../session/event.ts';
import { foldEvents, idsOf } from '../../session/foldEvents.ts';
import type { Message } from '../../session/message.ts';
import type { Session } from '../../session/session.ts';
import type { SnapshotBody } from '../../session/snapshot.ts';
import type { DataFile } from '../disk/disk.ts';
import { pacer } from '../disk/files.ts';
import { textWriter, writeAll } from '../disk/writeFileSafely.ts';
import { copyHistory } from './copyHistory.ts';
import { bodyText, HISTORY_END, messageLine } from './layout.ts';
import { findPlaces, readMessages } from './openDocument.ts';
import type { Snapshot } from './readSnapshot.ts';

/** Writes a session that is in memory. */
export async function writeSession(file: DataFile, session: Session): Promise<void> {
  const out = textWriter(file);
  const pace = pacer();
  await out.text(bodyText({ ...session.body, message_count: session.history.length }));
  let between = '\n';
  for (const message of session.history) {
    await out.text(between + messageLine(message));
    await pace();
    between = ',\n';
  }
  await out.text(HISTORY_END);
  await out.flush();
}

/**
 * Writes a snapshot with events folded in; old messages are copied as bytes. `seal` gives the body its last touch
 * (revision, times) and must not look at the history.
 */
export async function writeFolded(
  file: DataFile,
  snapshot: Snapshot,
  events: readonly SessionEvent[],
  seal: (body: SnapshotBody) => SnapshotBody,
): Promise<void> {
  if (await streamFolded(file, snapshot, events, seal)) return;
  await file.truncate(0);
  const index = await snapshot.index(idsOf(events));
  const places = index.own ? index.places : await findPlaces(snapshot, index, events);
  const { body, plan } = foldEvents(snapshot.body, index.count, (id) => places.get(id), events);
  let position = 0;
  const put = async (text: string) => {
    const bytes = Buffer.from(text);
    await writeAllAt(file, bytes, position);
    position += bytes.length;
  };
  await put(bodyText(seal(body)));
  let between = '\n';
  let held = '';
  const line = async (text: string) => {
    held += between + text;
    between = ',\n';
    if (held.length < 1 << 20) return;
    await put(held);
    held = '';
  };
  for (let at = 0; at < plan.keep; ) {
    const replaced = plan.replaced.get(at);
    if (replaced) {
      await line(messageLine(replaced));
      at += 1;
      continue;
    }
    let to = at + 1;
    while (to < plan.keep && !plan.replaced.has(to)) to++;
    if (index.own) {
      await put(held + between);
      held = '';
      between = ',\n';
      position = await copyRange(snapshot.file, file, index.start(at), index.end(to - 1), position);
    } else for await (const { message } of readMessages(snapshot, index, at, to)) await line(messageLine(message));
    at = to;
  }
  for (const message of plan.tail) await line(messageLine(message));
  await put(held + HISTORY_END);
}

/** One pass over the file, possible where nothing is dropped; false where it is not. */
async function streamFolded(
  file: DataFile,
  snapshot: Snapshot,
  events: readonly SessionEvent[],
  seal: (body: SnapshotBody) => SnapshotBody,
): Promise<boolean> {
  if (snapshot.historyStart === undefined) return false;
  if (events.some(({ type }) => type === 'rewind' || type === 'cut')) return false;
  const messages = new Map<string, Message>();
  for (const event of events) if (event.type === 'message') messages.set(event.message.id, event.message);
  const body = seal(foldEvents(snapshot.body, 0, () => undefined, events).body);
  // The count comes first in the file and is known last: room for it is left.
  const guess = (snapshot.body.message_count ?? 0) + messages.size;
  const width = `${guess}`.length;
  const head = bodyText({ ...body, message_count: guess }, width);
  await writeAll(file, Buffer.from(`${head}\n`));
  const lines = new Map([...messages].map(([id, message]) => [id, messageLine(message)]));
  const copied = await copyHistory(snapshot.file, file, snapshot.historyStart, snapshot.size, lines);
  if (!copied) return false;
  const tail = [...copied.missing].map((id) => lines.get(id) ?? '');
  const count = `${copied.count + tail.length}`;
  if (count.length > width) return false;
  const before = copied.count > 0 && tail.length > 0 ? ',\n' : '';
  const isEmpty = copied.count + tail.length === 0;
  await writeAll(file, Buffer.from(before + tail.join(',\n') + (isEmpty ? HISTORY_END.slice(1) : HISTORY_END)));
  if (Number(count) !== guess) {
    const key = '\n"message_count":';
    const place = Buffer.byteLength(head.slice(0, head.indexOf(key) + key.length));
    await writeAllAt(file, Buffer.from(count.padStart(width)), place);
  }
  return true;
}

async function writeAllAt(file: DataFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Copies the bytes [from, to) and returns the position behind them. */
async function copyRange(
  source: DataFile,
  target: DataFile,
  from: number,
  to: number,
  position: number,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(1 << 20, to - from));
  for (let at = from; at < to; ) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, to - at), at);
    if (bytesRead === 0) throw new Error('the snapshot became shorter while it was read');
    await writeAllAt(target, buffer.subarray(0, bytesRead), position + at - from);
    at += bytesRead;
  }
  return position + to - from;
}
