import { createHash } from 'node:crypto';
import type { SnapshotHead } from '../core/index.ts';
import type { AgentId } from './agent.ts';
import { agents } from './agents.ts';

/** The agent's own session that belongs to a saved one. */
export interface NativeSession {
  readonly agent: AgentId;
  readonly id: string;
}

/**
 * A session keeps its native id, under which it is written again where the agent has lost it. One made by a fork of
 * ours has a native session of its own, whose id follows from its identity: so `--print`
 * and a later start, in any process, speak of the same one, and a fork that went on in its agent is recognised.
 * Undefined for a session that came from no agent that we can start.
 */
export function nativeSession(head: SnapshotHead): NativeSession | undefined {
  const agent = agents.find(({ id }) => id === head.source?.agent);
  if (agent === undefined) return undefined;
  if (head.parent !== undefined) return { agent: agent.id, id: derivedId(head) };
  const id = head.source?.native_id;
  return id === undefined ? undefined : { agent: agent.id, id };
}

/** A UUID of version 7: 48 bits of the session's time, the rest from the hash of its id. */
function derivedId(head: SnapshotHead): string {
  const time = Date.parse(head.created_at);
  const ms = (Number.isFinite(time) ? Math.max(0, time) : 0).toString(16).padStart(12, '0').slice(-12);
  const hash = createHash('sha256').update(head.session_id).digest('hex');
  const variant = '89ab'[Number.parseInt(hash.charAt(3), 16) % 4];
  return [ms.slice(0, 8), ms.slice(8), `7${hash.slice(0, 3)}`, `${variant}${hash.slice(4, 7)}`, hash.slice(8, 20)].join(
    '-',
  );
}
