import type { Agent, GiveOptions, Reduction } from '../../agents/index.ts';
import { isStale } from '../../core/index.ts';
import type { App } from '../app.ts';
import { now } from '../places.ts';
import type { SavedNode } from '../views/nodes.ts';

/** What giving a saved session takes; everything that this window knows of it is on the disk then. */
export async function giveOptions(
  { active, freshener }: Pick<App, 'active' | 'freshener'>,
  { place, entry }: SavedNode,
): Promise<(to: Agent, reduction?: Reduction) => GiveOptions> {
  const session = active.is(place, entry.name) ? active.current : undefined;
  await session?.journal.flush();
  const stale = session ? (session.report?.files.filter(isStale) ?? []) : await freshener.check(place, entry);
  const staleFiles = new Set(stale.map(({ key }) => key));
  return (to, reduction) => ({
    store: place.store,
    name: entry.name,
    to,
    where: place.where,
    folder: place.path,
    staleFiles,
    now,
    ...(reduction && { reduction }),
  });
}
