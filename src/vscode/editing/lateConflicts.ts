import { type Disposable, type LogOutputChannel, l10n, window } from 'vscode';
import type { LateConflict } from '../../core/index.ts';
import { tell } from '../guarded.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import { restoreKept, showKept } from './recovered.ts';

/** Tells the user when another program wrote into a version of a file after the active session's write had replaced it. */
export function tellLateConflicts(active: ActiveSessions, seen: SeenDocuments, log: LogOutputChannel): Disposable {
  let listening: Disposable | undefined;
  const listen = (session: ActiveSession | undefined): void => {
    listening?.dispose();
    listening = session?.onLate((late) => {
      log.warn(`${late.key}: a displaced version was written into; it is kept at ${late.kept}`);
      void ask(session, late, seen).catch((error: unknown) => tell(log, 'Late conflict', error));
    });
  };
  listen(active.current);
  const changes = active.onDidChangeActive(listen);
  return {
    dispose() {
      changes.dispose();
      listening?.dispose();
    },
  };
}

async function ask({ cache }: ActiveSession, { key, kept }: LateConflict, seen: SeenDocuments): Promise<void> {
  const path = cache.absolute(key);
  if (path === undefined) return;
  const show = l10n.t('Show Diff');
  const restore = l10n.t('Restore into Editor');
  for (;;) {
    const choice = await window.showWarningMessage(
      l10n.t('Another program wrote into the version of {0} that was replaced a moment ago. Its text is kept.', key),
      show,
      restore,
    );
    if (choice === restore) return restoreKept({ key, kept, path });
    if (choice !== show) return;
    await showKept({ key, kept, path }, seen);
  }
}
