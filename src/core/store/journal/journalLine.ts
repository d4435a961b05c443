import { crc32 } from 'node:zlib';
import * as z from 'zod/mini';
import { type SessionEvent, sessionEvent } from '../../session/event.ts';
import { isMessage } from '../../session/parseMessage.ts';
import { messageLine } from '../snapshot/layout.ts';

/**
 * A journal line is one JSON object: `{"crc":"<8 hex>",` and the rest. The checksum is CRC-32 of the bytes of that
 * rest, so that a torn or damaged line is told apart and the line still reads as JSON.
 */
const PREFIX = '{"crc":"';
const REST = PREFIX.length + 8 + 2;

/** First line of a journal. */
export const journalHeader = z.looseObject({
  type: z.literal('journal'),
  journal_id: z.string(),
  /** The session that its events belong to. */
  session_id: z.string(),
  /** A fork's snapshot still holds its parent's bytes, under the parent's session id. */
  base_session_id: z.optional(z.string()),
  base_revision: z.number(),
});
export type JournalHeader = z.infer<typeof journalHeader>;

/** From the text of an object, without its opening bracket. */
function line(rest: string): string {
  return `${PREFIX}${crc32(rest).toString(16).padStart(8, '0')}",${rest}\n`;
}

export function headerLine(header: JournalHeader): string {
  return line(JSON.stringify(header).slice(1));
}

export function eventLine(event: SessionEvent): string {
  if (event.type === 'message') return line(`"type":"message","message":${messageLine(event.message)}}`);
  return line(JSON.stringify(event).slice(1));
}

export type JournalLine =
  | { readonly kind: 'header'; readonly header: JournalHeader }
  | { readonly kind: 'event'; readonly event: SessionEvent }
  /** Whole, but of a kind or shape that this version does not know. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'damaged' };

const MAX_RESYNCS = 64;

/**
 * The records in one line of a journal (without its line break). A sound line gives one. In a damaged one every later
 * start of a record is tried, since a record written behind a torn one stands on the same line.
 */
export function readJournalLine(bytes: Buffer): readonly JournalLine[] {
  const whole = readRecord(bytes);
  if (whole) return [whole];
  const found: JournalLine[] = [{ kind: 'damaged' }];
  let at = 0;
  for (let tries = 0; tries < MAX_RESYNCS; tries++) {
    at = bytes.indexOf(PREFIX, at + 1);
    if (at < 0) break;
    const record = readRecord(bytes.subarray(at));
    if (!record) continue;
    found.push(record);
    break;
  }
  return found;
}

function readRecord(bytes: Buffer): JournalLine | undefined {
  if (bytes.length < REST || bytes.toString('latin1', 0, PREFIX.length) !== PREFIX) return undefined;
  const sum = Number.parseInt(bytes.toString('latin1', PREFIX.length, REST - 2), 16);
  const rest = bytes.subarray(REST);
  if (crc32(rest) !== sum) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(`{${rest.toString('utf8')}`);
  } catch {
    return { kind: 'unknown' };
  }
  if (isEvent(value)) return { kind: 'event', event: value };
  const header = journalHeader.safeParse(value);
  return header.success ? { kind: 'header', header: header.data } : { kind: 'unknown' };
}

/** Messages, which are nearly all events, are checked by hand (see `isMessage`). */
function isEvent(value: unknown): value is SessionEvent {
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'message') {
    return 'message' in value && isMessage(value.message);
  }
  return sessionEvent.safeParse(value).success;
}
