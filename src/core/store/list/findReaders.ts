import fs from 'node:fs';
import path from 'node:path';
import { foldEvents } from '../../session/foldEvents.ts';
import type { SnapshotBody } from '../../session/snapshot.ts';
import { breathe, FOLDING_SUFFIX, JOURNAL_SUFFIX, pacer, type SessionFiles, sessionFiles } from '../disk/files.ts';
import { nameProblem } from '../name.ts';
import type { FileReader } from '../sessionStore.ts';
import { openDocument, pendingEvents, readSessionFiles } from '../snapshot/openDocument.ts';
import { isInside, type StoreContext } from '../storeContext.ts';
import { entryIn, linesOf, needleOf, type ReaderBlock, readReadersIndex, writeReadersIndex } from './readersIndex.ts';
import { isSame, journalsVersion, namesIn } from './sessionVersion.ts';

/** Tells which sessions have read a file; keeps what each has read, by the version of its files. */
export interface ReaderFinder {
  readers(key: string): Promise<readonly FileReader[]>;
  /** Waits for the index to be written. */
  close(): Promise<void>;
}

/** The index is written when at least this many sessions were read anew, and a share of all. */
const WRITE_AT = 8;
const NO_JOURNALS = { version: ',', changedAt: 0 } as const;

export function readerFinder(context: StoreContext): ReaderFinder {
  const { root, folder } = context;
  let known: Map<string, ReaderBlock> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();

  const find = async (key: string): Promise<readonly FileReader[]> => {
    if (!(await isInside(folder, root))) return [];
    const names = await namesIn(root);
    known ??= await readReadersIndex(root);
    const journals = new Set(names.filter((name) => name.endsWith('.jsonl')));
    const needle = needleOf(key);
    const found: FileReader[] = [];
    const seen = new Set<string>();
    const pace = pacer();
    let fresh = 0;
    for (const fileName of names) {
      if (!fileName.endsWith('.json')) continue;
      const name = fileName.slice(0, -'.json'.length);
      if (nameProblem(name)) continue;
      await pace();
      const version = fs.lstatSync(path.join(root, fileName), { throwIfNoEntry: false });
      if (!version) continue;
      const files = sessionFiles(root, name);
      const hasJournal = journals.has(name + JOURNAL_SUFFIX) || journals.has(name + FOLDING_SUFFIX);
      const journal = hasJournal ? journalsVersion(files) : NO_JOURNALS;
      seen.add(name);
      let block = known.get(name);
      if (!block || !isSame(block.version, version) || block.journals !== journal.version) {
        const body = await bodyOf(files);
        const lines = await linesOf(body ?? { session_id: '', created_at: '' });
        const { size, mtimeMs, ctimeMs, ino } = version;
        block = {
          version: { size, mtimeMs, ctimeMs, ino },
          journals: journal.version,
          sessionId: body?.session_id,
          lines,
        };
        known.set(name, block);
        fresh += 1;
      }
      if (block.sessionId === undefined) continue;
      const entry = entryIn(block, needle);
      const changedAt = Math.max(version.mtimeMs, journal.changedAt);
      if (entry) found.push({ name, sessionId: block.sessionId, changedAt, entry });
    }
    for (const name of known.keys()) if (!seen.has(name)) known.delete(name);
    if (fresh >= WRITE_AT && fresh * 16 >= seen.size) {
      const all = [...known];
      // Whoever waits for the answer goes first.
      writing = writing.then(breathe).then(() => writeReadersIndex(root, all));
    }
    return found.sort((a, b) => b.changedAt - a.changedAt);
  };

  return {
    readers: (key) => {
      const result = turn.then(() => find(key));
      turn = result.catch(() => undefined);
      return result;
    },
    close: async () => {
      await turn;
      await writing;
    },
  };
}

/** A session's fields, its journals folded in; undefined where it cannot be read. */
async function bodyOf(files: SessionFiles): Promise<SnapshotBody | undefined> {
  const read = await readSessionFiles(files);
  if ('kind' in read) return undefined;
  const { snapshot, journals } = read;
  await snapshot.file.close();
  const { events } = pendingEvents(snapshot.body, journals);
  if (!events.some(({ type }) => type === 'rewind' || type === 'cut')) {
    return foldEvents(snapshot.body, Number.MAX_SAFE_INTEGER, () => undefined, events).body;
  }
  // What was read in dropped messages goes with them, and only the history tells which those are.
  const opened = await openDocument(files);
  if (opened.kind !== 'open') return undefined;
  await opened.document.close();
  return opened.document.body;
}
