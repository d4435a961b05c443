import type { TrashEntry } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { type Ending, failed, writeFailed } from '../ending.ts';
import { plainLine } from '../plain.ts';
import { isoTime, table } from '../shapes.ts';

export async function restore(
  context: Context,
  wanted: string | undefined,
  options: { readonly list?: boolean },
): Promise<Ending> {
  const trash = [...(await context.store.listTrash())].sort((a, b) => b.deletedAt - a.deletedAt);
  if (options.list === true) return listed(trash);
  if (wanted === undefined) return failed('usage', 'Give the name or the id of what to restore, or --list.');
  // An id names one entry; a name the last one deleted under it.
  const entry = trash.find(({ id }) => id === wanted) ?? trash.find(({ name }) => name === wanted);
  if (entry === undefined) return failed('no-such-trash', wanted);
  const restored = await context.store.restore(entry.id);
  if (restored.kind !== 'done') return writeFailed(entry.name, restored);
  return {
    kind: 'done',
    json: { name: restored.name, trash_id: entry.id },
    text: plainLine(`"${restored.name}" is back.`),
  };
}

function listed(trash: readonly TrashEntry[]): Ending {
  return {
    kind: 'done',
    json: {
      trash: trash.map(({ id, name, deletedAt, bytes }) => ({ id, name, deleted_at: isoTime(deletedAt), bytes })),
    },
    text:
      trash.length === 0
        ? 'The trash is empty.'
        : table([
            ['ID', 'NAME', 'DELETED', 'BYTES'],
            ...trash.map(({ id, name, deletedAt, bytes }) => [id, name, isoTime(deletedAt) ?? '', String(bytes)]),
          ]),
  };
}
