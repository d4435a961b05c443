import { createHash } from 'node:crypto';
import { canonicalJson, createPacer, type Message, messageText, type SessionEvent } from '../core/index.ts';

/** What is kept of a message that was told: enough to see whether it is still there, and as it was. */
export interface ToldMessage {
  readonly id: string;
  readonly role: Message['role'];
  /** Of the whole message. */
  readonly digest: string;
  /** Of its text alone. */
  readonly said: string;
  readonly saidLength: number;
}

export interface MessageDiff {
  /** What turns the messages that were told into those that are there now. */
  readonly events: readonly SessionEvent[];
  readonly told: readonly ToldMessage[];
  /** So many at the beginning have the ids that were told. */
  readonly common: number;
  /** So many of them say what they said, or go on from it. */
  readonly kept: number;
  /** Something that was said is not there any more: the last message is still being written, and may have changed. */
  readonly lost: boolean;
  /** Ids of the messages that are as they were told. */
  readonly same: ReadonlySet<string>;
}

/** How a message is written down for its digest. */
export type Form = (message: Message) => string | Promise<string>;

/** As one reader makes them, its messages have their fields in one order. */
export const asRead: Form = (message) => JSON.stringify(message);
/** Read back from a store, their order may be another. */
export const asStored: Form = canonicalJson;

async function toTold(message: Message, form: Form): Promise<ToldMessage> {
  const text = messageText(message);
  const { id, role } = message;
  return { id, role, digest: await digestOf(message, form), said: hash(text), saidLength: text.length };
}

export async function toldOf(
  messages: Iterable<Message> | AsyncIterable<Message>,
  form: Form = asRead,
): Promise<ToldMessage[]> {
  const pace = createPacer();
  const told: ToldMessage[] = [];
  for await (const message of messages) {
    await pace();
    told.push(await toTold(message, form));
  }
  return told;
}

/** Compares a conversation that was read anew with what was told of it. Others get a turn meanwhile. */
export async function diffMessages(
  told: readonly ToldMessage[],
  messages: readonly Message[],
  form: Form = asRead,
): Promise<MessageDiff> {
  const pace = createPacer();
  const now: ToldMessage[] = [];
  const changed: SessionEvent[] = [];
  const same = new Set<string>();
  let common = 0;
  let kept = 0;
  let lost = false;
  for (const [index, message] of messages.entries()) {
    await pace();
    const fresh = await toTold(message, form);
    const before = told[index];
    now.push(fresh);
    if (before === undefined || common < index || before.id !== fresh.id) {
      changed.push({ type: 'message', message });
      continue;
    }
    common = index + 1;
    if (before.digest === fresh.digest) same.add(fresh.id);
    else changed.push({ type: 'message', message });
    const isKept = before.digest === fresh.digest || goesOnFrom(before, message);
    if (isKept && kept === index) kept = index + 1;
    if (!isKept && index < told.length - 1) lost = true;
  }
  const dropped = common < told.length;
  const events: SessionEvent[] = dropped
    ? [{ type: 'rewind', after: told[common - 1]?.id ?? null }, ...changed]
    : changed;
  return { events, told: now, common, kept, lost: lost || dropped, same };
}

/** True where a message says what an earlier one of its place said, and perhaps more. What tools answer is not said. */
export function goesOnFrom(before: ToldMessage, message: Message): boolean {
  if (before.role !== message.role) return false;
  return before.role === 'tool' || hash(messageText(message).slice(0, before.saidLength)) === before.said;
}

async function digestOf(message: Message, form: Form): Promise<string> {
  try {
    return hash(await form(message));
  } catch (error) {
    // Nested deeper than can be written down: the store keeps as much of it.
    if (!(error instanceof RangeError)) throw error;
    return hash(messageText(message));
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
