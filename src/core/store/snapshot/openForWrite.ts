import { foldEvents } from '../../session/foldEvents.ts';
import type { SnapshotBody } from '../../session/snapshot.ts';
import type { SessionFiles } from '../disk/files.ts';
import type { JournalContent } from '../journal/readJournal.ts';
import type { WriteFailure } from '../sessionStore.ts';
import { readRange } from './indexHistory.ts';
import { pendingEvents, readSessionFiles } from './openDocument.ts';
import type { Snapshot } from './readSnapshot.ts';

/** A session as its files stand, opened for a write. */
export interface Current {
  readonly snapshot: Snapshot;
  readonly journals: readonly JournalContent[];
  /** The body with the journals' events; of its history it knows nothing. */
  readonly head: SnapshotBody;
}

/** Opens what is about to be replaced, or says why it must not be. */
export async function openForWrite(files: SessionFiles): Promise<Current | WriteFailure> {
  const read = await readSessionFiles(files);
  if ('kind' in read) {
    switch (read.kind) {
      case 'unreadable':
        return { kind: 'read-only', problems: read.problems };
      case 'missing':
      case 'invalid-name':
        return read;
      default:
        return read satisfies never;
    }
  }
  const { snapshot, journals } = read;
  if (snapshot.readOnly) {
    await snapshot.file.close();
    return { kind: 'read-only', problems: snapshot.problems };
  }
  if (snapshot.historyStart !== undefined && !(await isWhole(snapshot))) {
    await snapshot.file.close();
    return { kind: 'read-only', problems: [{ code: 'truncated' }] };
  }
  const { events } = pendingEvents(snapshot.body, journals);
  const { body: head } = foldEvents(snapshot.body, Number.MAX_SAFE_INTEGER, () => undefined, events);
  return { snapshot, journals, head };
}

/** A file in our own layout ends with its last bracket; one that ends otherwise is looked at as a whole. */
async function isWhole(snapshot: Snapshot): Promise<boolean> {
  const { file, size } = snapshot;
  const tail = await readRange(file, Math.max(0, size - 64), size);
  return /\n\]\}\s*$/.test(tail.toString('latin1')) || !(await snapshot.index(new Set())).truncated;
}
