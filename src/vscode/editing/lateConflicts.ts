import { commands, type Disposable, type LogOutputChannel, l10n } from 'vscode';
import type { LateConflict } from '../../core/index.ts';
import { tell } from '../guarded.ts';
import { commandId } from '../ids.ts';
import { showWarning } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import { listed } from '../words.ts';
import { type Kept, restoreKept, showKept } from './recovered.ts';

/** What comes within this time is one notification, ms: a program that saves several files is one cause. */
const GATHER_MS = 1000;
/** More files are not named. */
const MOST_NAMED = 3;

/** Tells the user when another program wrote into versions of files after the active session's writes had replaced them. */
export function tellLateConflicts(
  active: Pick<ActiveSessions, 'current' | 'onDidChangeActive'>,
  seen: SeenDocuments,
  log: LogOutputChannel,
): Disposable {
  /** By file, the newest. */
  const waiting = new Map<string, Kept>();
  let timer: NodeJS.Timeout | undefined;
  let listening: Disposable | undefined;

  const show = (): void => {
    timer = undefined;
    const all = [...waiting.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    waiting.clear();
    const [first] = all;
    if (!first) return;
    void (all.length === 1 ? askAbout(first, seen) : tellOf(all)).catch((error: unknown) =>
      tell(log, 'Late conflict', error),
    );
  };
  const add = ({ cache }: ActiveSession, { key, kept }: LateConflict): void => {
    log.warn(`${key}: a displaced version was written into; it is kept at ${kept}`);
    const path = cache.absolute(key);
    if (path === undefined) return;
    waiting.set(path, { key, kept, path });
    timer ??= setTimeout(show, GATHER_MS);
  };
  const listen = (session: ActiveSession | undefined): void => {
    listening?.dispose();
    listening = session?.onLate((late) => add(session, late));
  };
  listen(active.current);
  const changes = active.onDidChangeActive(listen);
  return {
    dispose() {
      clearTimeout(timer);
      changes.dispose();
      listening?.dispose();
    },
  };
}

async function askAbout(kept: Kept, seen: SeenDocuments): Promise<void> {
  const show = l10n.t('Show Diff');
  const restore = l10n.t('Restore into Editor');
  for (;;) {
    const choice = await showWarning(
      l10n.t(
        'Another program wrote into the version of {0} that was replaced a moment ago. Its text is kept.',
        kept.key,
      ),
      show,
      restore,
    );
    if (choice === restore) return restoreKept(kept);
    if (choice !== show) return;
    await showKept(kept, seen);
  }
}

async function tellOf(all: readonly Kept[]): Promise<void> {
  const keys = all.map(({ key }) => key);
  const named = listed(
    keys.length > MOST_NAMED ? [...keys.slice(0, MOST_NAMED), l10n.t('{0} more', keys.length - MOST_NAMED)] : keys,
  );
  const show = l10n.t('Show Recovered Versions…');
  const choice = await showWarning(
    l10n.t(
      'Another program wrote into the versions of {0} files that were replaced a moment ago ({1}). Their texts are kept.',
      all.length,
      named,
    ),
    show,
  );
  if (choice === show) await commands.executeCommand(commandId('showRecovered'));
}
