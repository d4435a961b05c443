import type { Agent, GiveOptions, Reduction } from '../../agents/index.ts';
import type { App } from '../app.ts';
import { now } from '../places.ts';
import type { SavedNode } from '../views/nodes.ts';

/** What giving a saved session takes; everything that this window knows of it is on the disk then. */
export async function giveOptions(
  { active }: Pick<App, 'active'>,
  { place, entry: { name } }: Pick<SavedNode, 'place' | 'entry'>,
): Promise<(to: Agent, reduction?: Reduction) => GiveOptions> {
  if (active.is(place, name)) await active.current?.journal.flush();
  const { store, where, path: folder } = place;
  return (to, reduction) => ({ store, name, to, where, folder, now, ...(reduction && { reduction }) });
}
