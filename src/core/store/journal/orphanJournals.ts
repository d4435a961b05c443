import fs from 'node:fs';
import path from 'node:path';
import { JOURNAL_SUFFIX, sessionFiles } from '../disk/files.ts';
import type { SessionEntry } from '../sessionStore.ts';

/** Journals whose snapshot is gone: nothing of theirs is lost, and nobody else would tell. */
export function orphanJournals(
  root: string,
  journals: ReadonlySet<string>,
  seen: ReadonlySet<string>,
): readonly SessionEntry[] {
  return [...journals].flatMap((fileName) => {
    if (!fileName.endsWith(JOURNAL_SUFFIX) || fileName.startsWith('.')) return [];
    const name = fileName.slice(0, -JOURNAL_SUFFIX.length);
    if (seen.has(name)) return [];
    const stat = fs.lstatSync(path.join(root, fileName), { throwIfNoEntry: false });
    if (!stat) return [];
    const problems = [{ code: 'missing-reference', detail: `${name}.json` } as const];
    const file = sessionFiles(root, name).snapshot;
    return [{ name, file, bytes: stat.size, changedAt: stat.mtimeMs, hasJournal: true, readOnly: true, problems }];
  });
}
