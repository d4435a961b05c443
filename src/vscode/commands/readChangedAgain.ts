import { type CancellationToken, l10n, type Progress, ProgressLocation, window } from 'vscode';
import { type FileFreshness, isStale, type SessionEvent } from '../../core/index.ts';
import type { App } from '../app.ts';
import { onlyOf } from '../comparing/drift.ts';
import { showWarning, statusMessage } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { holdOf } from '../session/loadSession.ts';
import { fileCount } from '../words.ts';
import { activeSession } from './targets.ts';

/** More files are read with their count in view, and can be cancelled. */
const FEW = 20;
/** Their stamps go into the journal together. */
const AT_ONCE = 32;

/** Takes the versions that are there now for known, of all files that changed. The model has not read them yet. */
export async function readChangedAgain(app: App): Promise<void> {
  const session = activeSession(app);
  session.mustDrive();
  const files = (session.report?.files ?? []).filter((file) => isStale(file) || file.freshness === 'unknown');
  if (files.length === 0) {
    statusMessage(l10n.t('No file changed since {0} read it.', session.name), 5000);
    return;
  }
  const read =
    files.length <= FEW
      ? await readAll(session, files)
      : await window.withProgress(
          { location: ProgressLocation.Notification, title: l10n.t('Reading changed files'), cancellable: true },
          (progress, token) => readAll(session, files, progress, token),
        );
  if (read.length > 0) await session.decide('reread', onlyOf({ files: read }));
  await session.recheck();
  if (session.waits) session.holdFor(holdOf(session, app.settings));
  const failed = session.report?.files.filter(({ freshness }) => freshness === 'unreadable').length ?? 0;
  const count = fileCount(read.length);
  const done = session.hold
    ? l10n.t('Read again: {0}.', count)
    : l10n.t('Read again: {0}. Parts of them may be edited now.', count);
  if (failed === 0) statusMessage(done, 8000);
  else void showWarning(l10n.t('{0} {1} cannot be read; the rows say which.', done, fileCount(failed)));
}

async function readAll(
  session: ActiveSession,
  files: readonly FileFreshness[],
  progress?: Progress<{ message?: string; increment?: number }>,
  token?: CancellationToken,
): Promise<readonly FileFreshness[]> {
  const read: FileFreshness[] = [];
  for (let from = 0; from < files.length && !token?.isCancellationRequested; from += AT_ONCE) {
    const batch = files.slice(from, from + AT_ONCE);
    const known = await Promise.all(batch.map((file) => take(session, file)));
    read.push(...batch.filter((_, i) => known[i]));
    progress?.report({
      message: l10n.t('{0} of {1}', Math.min(from + AT_ONCE, files.length), files.length),
      increment: (100 * batch.length) / files.length,
    });
  }
  return read;
}

/** Whether the version that is there now counts as known: for a file that is gone, that it is gone. */
async function take(session: ActiveSession, { key, freshness, movedTo }: FileFreshness): Promise<boolean> {
  if (freshness === 'deleted' || freshness === 'moved') {
    if (movedTo !== undefined && (await session.takeForKnown(movedTo)).kind !== 'read') return false;
    const gone: SessionEvent = { type: 'read_cache', remove: [key] };
    session.apply([gone]);
    await session.journal.append([gone]);
    return true;
  }
  return (await session.takeForKnown(key)).kind === 'read';
}
