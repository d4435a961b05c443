import { affectedMessages } from '../../core/index.ts';
import type { ActiveSession } from '../session/activeSession.ts';

/** A tool may be called all the time: nobody goes through more. */
const MOST_CALLS = 100;

const found = new WeakMap<ActiveSession, Map<string, Promise<readonly number[]>>>();

/** The messages, counted from 1, whose calls a change of a tool concerns: the last ones. Looked for once per session. */
export function toolCalls(session: ActiveSession, tool: string): Promise<readonly number[]> {
  const known = found.get(session) ?? new Map<string, Promise<readonly number[]>>();
  found.set(session, known);
  const before = known.get(tool);
  if (before) return before;
  const looking = find(session, tool);
  known.set(tool, looking);
  looking.catch(() => known.delete(tool));
  return looking;
}

async function find({ place, name }: ActiveSession, tool: string): Promise<readonly number[]> {
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') return [];
  const { document } = opened;
  try {
    return (await affectedMessages(document, [tool])).map(({ number }) => number).slice(-MOST_CALLS);
  } finally {
    await document.close();
  }
}
