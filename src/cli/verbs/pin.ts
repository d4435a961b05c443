import type { Context } from '../context.ts';
import { type Ending, failed } from '../ending.ts';
import { setMarks } from '../setMarks.ts';

export interface PinOptions {
  /** Number (from 1) or id of the message. */
  readonly message?: string;
}

/** Puts the session first in lists, or keeps one of its messages whole when it is handed over in a shorter form. */
export function pin(context: Context, name: string, { message }: PinOptions): Promise<Ending> {
  return setPinned(context, name, true, message);
}

export function unpin(context: Context, name: string, { message }: PinOptions): Promise<Ending> {
  return setPinned(context, name, false, message);
}

function setPinned(context: Context, name: string, pinned: boolean, message: string | undefined): Promise<Ending> {
  return setMarks(context, name, async ({ pinned_messages: held }, idOf) => {
    if (message === undefined) return { pinned };
    const id = await idOf(message);
    if (id === undefined) return failed('no-such-message', message);
    const others = held.filter((one) => one !== id);
    return { pinned_messages: pinned ? [...others, id] : others };
  });
}
