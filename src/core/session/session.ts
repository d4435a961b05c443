import type { Message } from './message.ts';
import type { SnapshotBody } from './snapshot.ts';

/** A session in memory: the snapshot's fields (unknown ones included) and its history, oldest message first. */
export interface Session {
  readonly body: SnapshotBody;
  readonly history: readonly Message[];
}
