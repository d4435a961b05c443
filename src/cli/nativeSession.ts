import { createHash } from 'node:crypto';
import { type AgentId, agents } from '../agents/index.ts';
import type { SnapshotHead } from '../core/index.ts';

/** The agent's own session that belongs to a saved one. */
export interface NativeSession {
  readonly agent: AgentId;
  readonly id: string;
}

/**
 * Undefined for a session that came from no agent that we can start. `saved` are the heads of all sessions here.
 *
 * A fork of ours keeps its parent's source until it has a native session of its own. The id of that one follows from
 * the fork's identity: so `--print` and a later start, in any process, speak of the same.
 */
export function nativeSession(head: SnapshotHead, saved: readonly SnapshotHead[]): NativeSession | undefined {
  const agent = agents.find(({ id }) => id === head.source?.agent);
  if (agent === undefined) return undefined;
  const id = isShared(head, saved) ? derivedId(head) : head.source?.native_id;
  return id === undefined ? undefined : { agent: agent.id, id };
}

/** A parent that is not here any more can't contradict: then the source counts as its. */
function isShared({ parent, source }: SnapshotHead, saved: readonly SnapshotHead[]): boolean {
  if (parent === undefined) return false;
  const from = saved.find(({ session_id }) => session_id === parent.session_id);
  return from === undefined || from.source?.native_id === source?.native_id;
}

/** The id of the native session that we write for a saved one: a UUID of version 7, 48 bits of the session's time, the rest from the hash of its id. */
export function derivedId(head: SnapshotHead): string {
  const time = Date.parse(head.created_at);
  const ms = (Number.isFinite(time) ? Math.max(0, time) : 0).toString(16).padStart(12, '0').slice(-12);
  const hash = createHash('sha256').update(head.session_id).digest('hex');
  const variant = '89ab'[Number.parseInt(hash.charAt(3), 16) % 4];
  return [ms.slice(0, 8), ms.slice(8), `7${hash.slice(0, 3)}`, `${variant}${hash.slice(4, 7)}`, hash.slice(8, 20)].join(
    '-',
  );
}
