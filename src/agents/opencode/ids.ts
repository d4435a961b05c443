import { createHash } from 'node:crypto';

const SESSION = /^ses_\w{1,64}$/;
/** Marks ids that were made here, so that `validate` can tell a session that kept the messages of another. */
const MARK = 'hf';

export function isSessionId(text: string): boolean {
  return SESSION.test(text);
}

/** Throws for an id that could be anything but an id: it ends up in a terminal. */
export function checkedSessionId(nativeId: string): string {
  if (!isSessionId(nativeId)) throw new Error(`not a session id: ${JSON.stringify(nativeId.slice(0, 80))}`);
  return nativeId;
}

/** As opencode makes them: 12 hex digits of the inverted time, so that newer ones sort first, then 14 characters. */
export function newId(ms: number, hash: string): string {
  return `ses_${hex(~(BigInt(wholeMs(ms)) * 4096n + 1n))}${MARK}${hash.slice(0, 12)}`;
}

export type ChildKind = 'msg' | 'prt';

/** What all ids of messages and parts of a session end with that was made here; undefined for opencode's own sessions. */
export function tailOf(sessionId: string): string | undefined {
  if (sessionId.length !== 30 || sessionId.slice(16, 18) !== MARK) return undefined;
  return createHash('sha256').update(sessionId).digest('hex').slice(0, 14);
}

/**
 * Ids for the messages and parts of a new session, in ascending order. opencode compares ids as texts, and their time
 * (ms x 4096, 48 bits) begins anew every 795 days: those of an old session may sort behind the ones of its next turn, so
 * the new ids lie in the minute before `now`.
 */
export function childIds(sessionId: string, now: number): (kind: ChildKind) => string {
  const tail = createHash('sha256').update(sessionId).digest('hex').slice(0, 14);
  let next = BigInt(Math.max(0, wholeMs(now) - 60_000)) * 4096n;
  return (kind) => {
    next += 1n;
    return `${kind}_${hex(next)}${tail}`;
  };
}

function wholeMs(ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, Math.floor(ms)) : 0;
}

function hex(value: bigint): string {
  return BigInt.asUintN(48, value).toString(16).padStart(12, '0');
}
