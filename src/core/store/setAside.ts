import * as disk from './disk/disk.ts';
import { ifThere, JOURNAL_SUFFIX, type SessionFiles } from './disk/files.ts';
import type { Lock } from './disk/lock.ts';
import { type JournalContent, readJournal } from './journal/readJournal.ts';
import { pendingEvents } from './snapshot/openDocument.ts';
import type { Current } from './snapshot/openForWrite.ts';

/** Renames the journal, so that appenders start a new one, and reads it. A journal of another session stays. */
export async function setAside(
  files: SessionFiles,
  { snapshot, journals }: Current,
): Promise<JournalContent | undefined> {
  const journal = journals.at(-1);
  if (!journal || pendingEvents(snapshot.body, [journal]).folded.length + journal.events.length === 0) return undefined;
  const { header } = journal;
  if (header && ![header.session_id, header.base_session_id].includes(snapshot.body.session_id)) return undefined;
  await ifThere(disk.rename(files.journal, files.folding));
  // Under the lock nobody folds, but others may have appended since it was read.
  const stat = await disk.lstat(files.folding);
  return stat?.size === journal.bytes ? journal : readJournal(files.folding);
}

/** Removes a journal that is part of the snapshot now; one with damaged lines is kept under another name. */
export async function dropFolded(files: SessionFiles, lock: Lock, journal: JournalContent | undefined): Promise<void> {
  if (!journal) return;
  if (journal.damaged) await keepDamaged(files, lock, files.folding);
  else await ifThere(disk.unlink(files.folding));
}

/** Gives a journal a name under which nobody reads it and nothing is lost: `<name>.kept-<token><what it was>`. */
export async function keepDamaged(files: SessionFiles, lock: Lock, file: string): Promise<void> {
  const stem = files.journal.slice(0, -JOURNAL_SUFFIX.length);
  const kept = `${stem}.kept-${lock.token}${file.slice(stem.length)}`;
  await ifThere(disk.rename(file, kept));
}
