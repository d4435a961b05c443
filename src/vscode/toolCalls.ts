import type { Message } from '../core/index.ts';
import type { ActiveSession } from './session/activeSession.ts';

/** Messages that are read at once. */
const SLICE = 500;
/** A tool that is called all the time: nobody goes through more. */
const MOST_CALLS = 100;

const found = new WeakMap<ActiveSession, Map<string, Promise<readonly number[]>>>();

/** The messages, counted from 1, whose calls of a tool a change of it concerns: the last ones. Read once per session. */
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
  const numbers: number[] = [];
  try {
    for (let to = document.messageCount; to > 0 && numbers.length < MOST_CALLS; to -= SLICE) {
      const from = Math.max(0, to - SLICE);
      const messages = await document.messages(from, to);
      const calling = messages.flatMap((message, i) => (calls(message, tool) ? [from + i + 1] : []));
      numbers.unshift(...calling);
    }
  } finally {
    await document.close();
  }
  return numbers.slice(-MOST_CALLS);
}

function calls({ content }: Message, tool: string): boolean {
  return typeof content !== 'string' && content.some((part) => part.type === 'tool_call' && part['name'] === tool);
}
