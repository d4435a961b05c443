import fs from 'node:fs';
import type { SessionEvent } from '../../session/event.ts';
import * as disk from '../disk/disk.ts';
import { codeOf, ifThere, type SessionFiles, sessionFiles } from '../disk/files.ts';
import { temporaryFile } from '../disk/lock.ts';
import { nameProblem } from '../name.ts';
import type { AppendOutcome, WriteFailure } from '../sessionStore.ts';
import { foldedJournals } from '../snapshot/layout.ts';
import { openForWrite } from '../snapshot/openForWrite.ts';
import { asValue, type StoreContext, underLock } from '../storeContext.ts';
import { createJournal } from './createJournal.ts';
import { eventLine, headerLine, type JournalHeader, journalHeader, readJournalLine } from './journalLine.ts';

/** A journal that is open for appending. The descriptor outlives a fold of the file: see `settle`. */
interface OpenJournal {
  readonly fd: number;
  readonly ino: bigint;
  readonly header: JournalHeader | undefined;
  readonly snapshotBytes: number;
  /** The file may end in the middle of a line: the next write starts with a line break. */
  torn: boolean;
}

/** Appends to journals of one store; owns their descriptors. */
export interface JournalAppender {
  append(name: string, events: readonly SessionEvent[]): Promise<AppendOutcome & { readonly wantsFold?: boolean }>;
  /** Forgets a descriptor, because the session is moved. */
  release(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Where the system can do both in one call, a write returns only when its data is on disk. */
const SYNC_FLAG = process.platform === 'linux' ? fs.constants.O_DSYNC : 0;
const FLAGS = fs.constants.O_RDWR | fs.constants.O_APPEND | (fs.constants.O_NOFOLLOW ?? 0) | SYNC_FLAG;

/** A journal is folded when it outgrows this share of its snapshot, so that the total cost stays linear. */
const FOLD_SHARE = 0.5;
const FOLD_BYTES = 1 << 20;

export function journalAppender(context: StoreContext): JournalAppender {
  const open = new Map<string, OpenJournal>();

  const release = async (name: string) => {
    const journal = open.get(name);
    open.delete(name);
    if (journal) await closeFile(journal.fd);
  };

  const append = async (files: SessionFiles, events: readonly SessionEvent[]) => {
    const { name } = files;
    let lines = events.map(eventLine);
    for (let tries = 0; tries < 10; tries++) {
      let journal = open.get(name);
      if (!journal) {
        const problem = nameProblem(name);
        if (problem) return { kind: 'invalid-name' as const, problem };
        const opened = await openJournal(context, files);
        if ('kind' in opened) return opened;
        journal = opened;
        open.set(name, journal);
      }
      const start = journal.torn ? '\n' : '';
      journal.torn = true;
      await writeDurably(journal.fd, Buffer.from(start + lines.join('')));
      journal.torn = false;
      const now = fs.statSync(files.journal, { bigint: true, throwIfNoEntry: false });
      const done = (bytes: number): AppendOutcome & { readonly wantsFold: boolean } => ({
        kind: 'appended',
        events: events.length,
        bytes,
        wantsFold: bytes > Math.max(FOLD_BYTES, (journal?.snapshotBytes ?? 0) * FOLD_SHARE),
      });
      if (now?.ino === journal.ino) return done(Number(now.size));
      // The journal was set aside while we wrote: see under the lock what became of our lines.
      const writer = journal;
      const left = await underLock(context, files, () => unfolded(files, writer, lines));
      await release(name);
      if (!Array.isArray(left)) return left;
      if (left.length === 0) return done(0);
      lines = left;
    }
    return { kind: 'io' as const, code: 'EBUSY', path: files.journal, message: 'the journal is folded all the time' };
  };

  return {
    append: (name, events) =>
      context.oneByOne(`append ${name}`, async () => {
        const files = sessionFiles(context.root, name);
        const outcome = await asValue(files.journal, () => append(files, events));
        if (outcome.kind === 'io') await release(name);
        return outcome;
      }),
    release: (name) => context.oneByOne(`append ${name}`, () => release(name)),
    close: async () => {
      for (const name of [...open.keys()]) await context.oneByOne(`append ${name}`, () => release(name));
    },
  };
}

/** Which of the lines that were written to a journal set aside are neither in the snapshot nor about to be. */
async function unfolded(
  files: SessionFiles,
  journal: OpenJournal,
  lines: string[],
): Promise<
  string[] | Extract<WriteFailure, { kind: 'missing' | 'exists' | 'read-only' | 'conflict' | 'invalid-name' | 'io' }>
> {
  for (const file of [files.journal, files.folding]) {
    // Still to be folded: what is in it counts.
    if ((await disk.inodeOf(file)) === journal.ino) return [];
  }
  const current = await openForWrite(files);
  if ('kind' in current) return current;
  await current.snapshot.file.close();
  const { header } = journal;
  if (header && ![header.session_id, header.base_session_id].includes(current.head.session_id)) {
    return { kind: 'exists', sessionId: current.head.session_id };
  }
  const folded = foldedJournals(current.snapshot.body).find(({ journal: id }) => id === header?.journal_id);
  if (!folded) return lines;
  const { size } = fs.fstatSync(journal.fd);
  const rest = Buffer.alloc(Math.max(0, size - folded.bytes));
  fs.readSync(journal.fd, rest, 0, rest.length, folded.bytes);
  return lines.filter((line) => rest.includes(line));
}

/** Opens the journal of a session, or makes one whose first line is its header. */
async function openJournal(context: StoreContext, files: SessionFiles): Promise<OpenJournal | WriteFailure> {
  const opened = await underLock(context, files, async (lock) => {
    const current = await openForWrite(files);
    if ('kind' in current) return current;
    const { snapshot, head } = current;
    await snapshot.file.close();
    const there = await ifThere(openFile(files.journal));
    if (there !== undefined) {
      const journal = await describe(there, snapshot.size);
      const owner = journal.header?.session_id;
      if (owner === undefined || owner === head.session_id) return journal;
      await closeFile(there);
      return { kind: 'exists' as const, sessionId: owner };
    }
    const header: JournalHeader = {
      type: 'journal',
      journal_id: context.random(),
      session_id: head.session_id,
      base_revision: head.revision ?? 0,
    };
    await createJournal(files.journal, temporaryFile(files.lock, lock.token), headerLine(header));
    return describe(await openFile(files.journal), snapshot.size);
  });
  return opened;
}

async function describe(fd: number, snapshotBytes: number): Promise<OpenJournal> {
  const { size, ino } = fs.fstatSync(fd, { bigint: true });
  const start = Buffer.alloc(Math.min(Number(size), 4096));
  fs.readSync(fd, start, 0, start.length, 0);
  const last = Buffer.alloc(1);
  const read = size > 0n ? fs.readSync(fd, last, 0, 1, Number(size) - 1) : 0;
  const line = start.subarray(0, Math.max(0, start.indexOf(0x0a)));
  const first = readJournalLine(line).at(0);
  const header = first?.kind === 'header' ? journalHeader.parse(first.header) : undefined;
  return { fd, ino, header, snapshotBytes, torn: read === 1 && last[0] !== 0x0a };
}

function openFile(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(file, FLAGS, 0o600, (error, fd) => (error ? reject(error) : resolve(fd)));
  });
}

function closeFile(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.close(fd, (error) => (error && codeOf(error) !== 'EBADF' ? reject(error) : resolve()));
  });
}

/** One write where the system can sync with it, else a write and a sync. */
function writeDurably(fd: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = (from: number) => {
      fs.write(fd, bytes, from, bytes.length - from, null, (error, written) => {
        if (error) reject(error);
        else if (from + written < bytes.length) step(from + written);
        else if (SYNC_FLAG !== 0) resolve();
        else fs.fdatasync(fd, (failed) => (failed ? reject(failed) : resolve()));
      });
    };
    step(0);
  });
}
