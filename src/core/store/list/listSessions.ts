import fs from 'node:fs';
import path from 'node:path';
import { foldEvents } from '../../session/foldEvents.ts';
import type { SnapshotHead } from '../../session/snapshot.ts';
import { breathe, codeOf, FOLDING_SUFFIX, JOURNAL_SUFFIX, pacer, sessionFiles } from '../disk/files.ts';
import { orphanJournals } from '../journal/orphanJournals.ts';
import { readJournal } from '../journal/readJournal.ts';
import { tailIds } from '../journal/tailIds.ts';
import type { SessionEntry } from '../sessionStore.ts';
import { pendingEvents } from '../snapshot/openDocument.ts';
import { type HeadResult, readForeignHead, readOwnHead, withNameProblem } from '../snapshot/readHead.ts';
import { isInside, type StoreContext } from '../storeContext.ts';
import { type ListCache, readListCache, writeListCache } from './listCache.ts';
import { type FileVersion, isSame, journalsVersion, namesIn } from './sessionVersion.ts';

/** Lists one folder; keeps the heads that it has read, by the version of their files. */
export interface SessionLister {
  list(): Promise<readonly SessionEntry[]>;
  /** Waits for the derived cache to be written. */
  close(): Promise<void>;
}

/** An entry and the version of the files that it was made from. */
interface Known {
  readonly version: FileVersion;
  readonly result: HeadResult;
  entry: SessionEntry;
  /** Versions of the journals that `entry` includes. */
  journals: string;
}

/** The derived cache is written when at least this many heads were read anew, and a share of all. */
const WRITE_AT = 16;

export function sessionLister(context: StoreContext): SessionLister {
  const known = new Map<string, Known>();
  let cache: Promise<ListCache> | undefined;
  let writing: Promise<void> = Promise.resolve();

  const list = async (): Promise<readonly SessionEntry[]> => {
    const { root, folder } = context;
    if (!(await isInside(folder, root))) return [];
    const names = await namesIn(root);
    if (names.length === 0) return [];
    cache ??= readListCache(root);
    const stored = await cache;
    const journals = new Set(names.filter((name) => name.endsWith('.jsonl')));
    const pace = pacer();
    const rows: SessionEntry[] = [];
    const foreign: [string, fs.Stats][] = [];
    const withJournal: string[] = [];
    let fresh = 0;
    const keep = (name: string, stat: fs.Stats, result: HeadResult) => {
      const file = path.join(root, `${name}.json`);
      known.set(name, { version: stat, result, entry: entryOf(name, file, stat, result), journals: '' });
    };
    const seen = new Set<string>();
    for (const fileName of names) {
      if (!fileName.endsWith('.json') || fileName.startsWith('.')) continue;
      const pause = pace();
      if (pause) await pause;
      const name = fileName.slice(0, -'.json'.length);
      const file = `${root}${path.sep}${fileName}`;
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (!stat) continue;
      seen.add(name);
      const held = known.get(name);
      if (!held || !isSame(held.version, stat)) {
        const row = stored.get(fileName);
        if (row && isSame(row.version, stat)) keep(name, stat, row.result);
        else {
          fresh += 1;
          const result = stat.isFile() ? readOwnHead(file, stat.size, stat.mtimeMs) : notAFile(stat.isSymbolicLink());
          if (!result) {
            foreign.push([name, stat]);
            continue;
          }
          keep(name, stat, withNameProblem(name, result));
        }
      }
      if (journals.size > 0 && (journals.has(name + JOURNAL_SUFFIX) || journals.has(name + FOLDING_SUFFIX))) {
        withJournal.push(name);
        continue;
      }
      const entry = known.get(name)?.entry;
      if (entry) rows.push(entry.hasJournal ? withoutJournal(known, name) : entry);
    }
    for (const [name, stat] of foreign) {
      const result = await readForeignHead(path.join(root, `${name}.json`));
      if (!result) continue;
      keep(name, stat, withNameProblem(name, result));
      if (journals.has(name + JOURNAL_SUFFIX) || journals.has(name + FOLDING_SUFFIX)) withJournal.push(name);
      else rows.push(...[known.get(name)?.entry].filter((entry) => entry !== undefined));
    }
    for (const name of withJournal) {
      const held = known.get(name);
      if (held) rows.push(await foldedEntry(root, name, held));
    }
    rows.push(...orphanJournals(root, journals, seen));
    if (known.size > seen.size) for (const name of known.keys()) if (!seen.has(name)) known.delete(name);
    if (fresh >= WRITE_AT && fresh * 16 >= rows.length) {
      // Whoever waits for the list goes first.
      writing = writing.then(breathe).then(() => writeListCache(root, known.entries()));
      cache = Promise.resolve(new Map());
    }
    return rows.sort((a, b) => b.changedAt - a.changedAt);
  };
  return { list, close: () => writing };
}

function notAFile(isLink: boolean): HeadResult {
  return { readOnly: true, problems: [{ code: 'not-a-file', detail: isLink ? 'symlink' : 'directory' }] };
}

function entryOf(
  name: string,
  file: string,
  stat: FileVersion,
  { head, readOnly, problems }: HeadResult,
): SessionEntry {
  const entry = { name, file, bytes: stat.size, changedAt: stat.mtimeMs, hasJournal: false, readOnly, problems };
  return head ? { ...entry, head: head.name === name ? head : { ...head, name } } : entry;
}

function withoutJournal(known: Map<string, Known>, name: string): SessionEntry {
  const held = known.get(name);
  if (!held) throw new Error(`no entry of ${name}`);
  held.entry = entryOf(name, held.entry.file, held.version, held.result);
  held.journals = '';
  return held.entry;
}

/** The entry with what its journals say: name, counts, a fork's own head. */
async function foldedEntry(root: string, name: string, held: Known): Promise<SessionEntry> {
  const files = sessionFiles(root, name);
  const { version, changedAt: journalsAt } = journalsVersion(files);
  if (held.journals === version && held.entry.hasJournal) return held.entry;
  const base = entryOf(name, files.snapshot, held.version, held.result);
  const changedAt = Math.max(base.changedAt, journalsAt);
  held.entry = { ...base, hasJournal: true, changedAt };
  held.journals = version;
  const head = held.result.head;
  if (!head) return held.entry;
  try {
    const journals = [await readJournal(files.folding), await readJournal(files.journal)];
    const pending = pendingEvents(head, journals);
    const folded = await foldHead(files.snapshot, head, pending.events);
    held.entry = { ...held.entry, head: { ...folded, name }, problems: [...base.problems, ...pending.problems] };
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    held.entry = { ...held.entry, problems: [...base.problems, { code: 'unreadable', detail: code }] };
  }
  return held.entry;
}

/** A head with events folded in. Whether a message is new is known from the snapshot's last lines, where agents go on writing. */
async function foldHead(
  file: string,
  head: SnapshotHead,
  events: Parameters<typeof foldEvents>[3],
): Promise<SnapshotHead> {
  const count = head.message_count ?? 0;
  const last = events.some(({ type }) => type === 'message' || type === 'rewind') ? await tailIds(file) : [];
  const places = new Map(last.map((id, index) => [id, count - last.length + index]));
  const { body } = foldEvents(head, count, (id) => places.get(id), events);
  const { checkpoints: _c, decisions: _d, read_cache: _r, tools: _t, pinned_messages: _p, ...shown } = body;
  return shown;
}
