import type { Lease, LeaseHolder } from '../core/index.ts';
import type { Context } from './context.ts';
import { type Failed, failed } from './ending.ts';
import { plainLine } from './plain.ts';
import { holderWords } from './words.ts';

/**
 * Takes the lease of a session for as long as its agent runs. Undefined where it cannot be written (a folder that is
 * read-only): a lease keeps two people from driving at once, and is no reason to keep one from it.
 */
export async function driveSession(
  { store, io }: Context,
  name: string,
  sessionId: string,
  takeOver: boolean,
): Promise<Lease | undefined | Failed> {
  const onLost = (by: LeaseHolder | undefined): void => {
    const who = by === undefined ? 'Somebody else' : holderWords(by);
    void io.err(`${plainLine(`holdfast: ${who} has taken over "${name}".`)}\n`).catch(() => {
      // Nobody reads what we say any more; the agent goes on all the same.
    });
  };
  const outcome = await store.takeLease(sessionId, { program: 'holdfast resume', takeOver, onLost });
  switch (outcome.kind) {
    case 'taken':
      return outcome.lease;
    case 'held':
      return { ...failed('held', name), holder: outcome.holder };
    case 'io':
      await io.err(`${plainLine(`holdfast: others are not told that "${name}" is driven here (${outcome.code}).`)}\n`);
      return undefined;
  }
}
