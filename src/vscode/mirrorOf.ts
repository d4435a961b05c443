import { mirrorPath, type SnapshotHead } from '../core/index.ts';
import type { Place } from './places.ts';

/** Path of a session's mirrored transcript; only a plain file inside the sessions' folder is followed, whatever the snapshot says. */
export function mirrorOf(place: Place, head: SnapshotHead): string | undefined {
  const file = head.source?.raw?.file;
  return file === undefined ? undefined : mirrorPath(place.store.root, file);
}
