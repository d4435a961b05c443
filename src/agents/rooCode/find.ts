import { join } from 'node:path';
import type { AgentHome, LiveSession } from '../agent.ts';
import { textOf } from '../cline/beside.ts';
import { type ItemOf, ofFolder, tasks } from '../cline/find.ts';
import { extensionStores } from '../cline/places.ts';
import { parseObject } from '../shape.ts';

/** Kilo Code keeps its tasks as Roo Code does. */
export const EXTENSIONS: readonly string[] = ['rooveterinaryinc.roo-cline', 'kilocode.kilo-code'];

/** Each task notes its folder itself; the list of all of them may be behind. */
const ownItem: ItemOf = async (task, listed) =>
  parseObject((await textOf(join(task, 'history_item.json'))) ?? '') ?? listed;

/** Tasks whose folder is `folder` or inside it, newest change first. */
export async function findTasks(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const stores = (await Promise.all(EXTENSIONS.map((extension) => extensionStores(where, extension)))).flat();
  return ofFolder(await tasks('roo-code', stores, ownItem), folder);
}
