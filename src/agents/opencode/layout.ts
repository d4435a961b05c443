import type { Layout } from '../agent.ts';
import { inDatabase, isInTree } from './places.ts';
import { rowsOf } from './rows.ts';

/** Rows for a session in a database or an old storage; an export, a mirror or told events are one JSON text. */
export function layoutOf(transcript: string): Layout {
  return inDatabase(transcript) !== undefined || isInTree(transcript)
    ? rowsOf(transcript)
    : { kind: 'document', lists: ['messages'] };
}
