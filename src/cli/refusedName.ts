import { nameProblem, type SessionStore } from '../core/index.ts';
import { badName, type Failed } from './ending.ts';

/**
 * A name that no session can have is refused, unless a file here has it all the same (it came from elsewhere): that
 * one can still be renamed and deleted.
 */
export async function refusedName(store: SessionStore, name: string): Promise<Failed | undefined> {
  const problem = nameProblem(name);
  if (problem === undefined) return undefined;
  const isListed = (await store.list()).some((entry) => entry.name === name);
  return isListed ? undefined : badName(name, problem);
}
