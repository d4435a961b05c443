import type { Context } from '../context.ts';
import type { Ending } from '../ending.ts';
import { setMarks } from '../setMarks.ts';

/** Puts the session out of the way; nothing of it is lost. */
export function archive(context: Context, name: string): Promise<Ending> {
  return setMarks(context, name, () => ({ archived: true }));
}

export function unarchive(context: Context, name: string): Promise<Ending> {
  return setMarks(context, name, () => ({ archived: false }));
}
