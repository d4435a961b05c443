import type { Context } from '../context.ts';
import { type Ending, writeFailed } from '../ending.ts';
import { plainLine } from '../plain.ts';
import { refusedName } from '../refusedName.ts';

/** `delete` is a word of the language, so the verb is called by what it does to the list. */
export async function remove(context: Context, name: string): Promise<Ending> {
  const refused = await refusedName(context.store, name);
  if (refused !== undefined) return refused;
  const deleted = await context.store.delete(name);
  if (deleted.kind !== 'deleted') return writeFailed(name, deleted);
  return {
    kind: 'done',
    json: { name, trash_id: deleted.id },
    text: plainLine(`"${name}" is in the trash. Bring it back with: holdfast restore ${deleted.id}`),
  };
}
