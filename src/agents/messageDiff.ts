import { createPacer, type Message, messageText, type SessionEvent } from '../core/index.ts';

export interface MessageDiff {
  /** What turns the messages that were told into those that are there now. */
  readonly events: readonly SessionEvent[];
  /** So many at the beginning have the ids that were told. */
  readonly common: number;
  /** So many of them say what they said, or go on from it. */
  readonly kept: number;
  /** Something that was said is not there any more: the last message is still being written, and may have changed. */
  readonly lost: boolean;
  /** Ids of the messages that are as they were told. */
  readonly same: ReadonlySet<string>;
}

/**
 * Compares a conversation that was read anew with what was told of it. Others get a turn meanwhile. `stored` makes of a
 * message what a store keeps of it, where that is what was told.
 */
export async function diffMessages(
  told: readonly Message[],
  messages: readonly Message[],
  stored?: (message: Message) => Promise<Message>,
): Promise<MessageDiff> {
  const pace = createPacer();
  const changed: SessionEvent[] = [];
  const same = new Set<string>();
  let common = 0;
  let kept = 0;
  let lost = false;
  for (const [index, message] of messages.entries()) {
    await pace();
    const before = told[index];
    if (before === undefined || common < index || before.id !== message.id) {
      changed.push({ type: 'message', message });
      continue;
    }
    common = index + 1;
    const isSame = sameValue(before, message) || (stored !== undefined && sameValue(before, await stored(message)));
    if (isSame) same.add(message.id);
    else changed.push({ type: 'message', message });
    const isKept = isSame || goesOnFrom(before, message);
    if (isKept && kept === index) kept = index + 1;
    if (!isKept && index < told.length - 1) lost = true;
  }
  const dropped = told.slice(common);
  if (dropped.length === 0) return { events: changed, common, kept, lost, same };
  const rewind: SessionEvent = { type: 'rewind', after: told[common - 1]?.id ?? null };
  const ids = new Set(messages.map(({ id }) => id));
  lost ||= dropped.some(({ id }) => !ids.has(id));
  return { events: [rewind, ...changed], common, kept, lost, same };
}

/** True where a message says what an earlier one of its place said, and perhaps more. What tools answer is not said. */
export function goesOnFrom(before: Message, message: Message): boolean {
  if (before.role !== message.role) return false;
  return before.role === 'tool' || messageText(message).startsWith(messageText(before));
}

/** No agent nests deeper; what does is told anew rather than compared. */
const MAX_DEPTH = 512;

/** Whether two JSON values are the same, whatever the order of their fields; one that is undefined is none. */
export function sameValue(one: unknown, other: unknown, depth = 0): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other) || depth > MAX_DEPTH) return false;
  const [left, right] = [fieldsOf(one), fieldsOf(other)];
  return (
    left.length === right.length &&
    left.every(
      ([name, value]) =>
        Object.hasOwn(other, name) && sameValue(value, (other as Record<string, unknown>)[name], depth + 1),
    )
  );
}

function fieldsOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([, field]) => field !== undefined);
}
