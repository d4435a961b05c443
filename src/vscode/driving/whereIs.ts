import { stat } from 'node:fs/promises';
import type { TrashEntry } from '../../core/index.ts';
import type { Followable } from '../session/openFollower.ts';

/** What has become of a session's file: other windows and programs rename and delete, too. */
export type Whereabouts =
  | { readonly kind: 'here' }
  | { readonly kind: 'renamed'; readonly name: string }
  | { readonly kind: 'gone'; readonly trash: TrashEntry | undefined }
  /** The sessions' folder is not there or cannot be listed, which says nothing of one session. */
  | { readonly kind: 'unknown' };

/** A name is a place, not an identity: under it another session may lie by now. */
export async function whereIs({ place, name, body }: Omit<Followable, 'cache'>): Promise<Whereabouts> {
  const { store } = place;
  const folder = await stat(store.root).catch(() => undefined);
  if (!folder?.isDirectory()) return { kind: 'unknown' };
  const entries = await store.list();
  const entry = entries.find((one) => one.name === name);
  // A file that cannot be read says so when it is written.
  if (entry && (!entry.head || entry.head.session_id === body.session_id)) return { kind: 'here' };
  const elsewhere = entries.find(({ head }) => head?.session_id === body.session_id);
  if (elsewhere) return { kind: 'renamed', name: elsewhere.name };
  return { kind: 'gone', trash: (await store.listTrash()).find((one) => one.name === name) };
}
