import { createHash } from 'node:crypto';
import type { SnapshotHead } from '../core/index.ts';
import type { AgentId, NativeForm } from './agent.ts';
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
  if (agent?.native === undefined) return undefined;
  if (head.parent !== undefined) return { agent: agent.id, id: derivedId(head, agent.native) };
  const id = head.source?.native_id;
  return id === undefined ? undefined : { agent: agent.id, id };
}

/** The same for following, which an agent need not be given anything for. */
export function followedSession(head: SnapshotHead): NativeSession | undefined {
  const agent = agents.find(({ id }) => id === head.source?.agent);
  const id = head.source?.native_id;
  if (agent === undefined || agent.native !== undefined) return nativeSession(head);
  return id === undefined || head.parent !== undefined ? undefined : { agent: agent.id, id };
}

/** The id that a session has in an agent which is given it: it follows from the session's own identity. */
export function derivedId(head: SnapshotHead, native: Pick<NativeForm, 'newId'>): string {
  return native.newId(Date.parse(head.created_at), createHash('sha256').update(head.session_id).digest('hex'));
}
