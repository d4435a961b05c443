import type { SessionEvent } from './event.ts';
import { foldEvents, idsOf } from './foldEvents.ts';
import type { Session } from './session.ts';

/** The session after these events; the one passed in stays as it is. Of two messages with one id the first is replaced. */
export function applyEvents(session: Session, events: readonly SessionEvent[]): Session {
  const wanted = idsOf(events);
  const first = new Map<string, number>();
  session.history.forEach(({ id }, index) => {
    if (wanted.has(id) && !first.has(id)) first.set(id, index);
  });
  const { body, plan } = foldEvents(session.body, session.history.length, (id) => first.get(id), events);
  const history = session.history.slice(0, plan.keep);
  for (const [index, message] of plan.replaced) history[index] = message;
  for (const message of plan.tail) history.push(message);
  return { body, history };
}
