import { type Disposable, l10n, window } from 'vscode';
import { isClean } from '../../core/index.ts';
import type { App } from '../app.ts';
import { contextKey } from '../contextKey.ts';
import { guarded } from '../guarded.ts';
import { contextKeys } from '../ids.ts';
import { now } from '../places.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { acceptedOf } from './accepted.ts';
import { changeCount } from './changeRows.ts';
import { showFilter } from './filterMessage.ts';
import { itemDecorations } from './itemDecorations.ts';
import { StaleDecorations } from './staleDecorations.ts';

/** Agents that work change the lists all the time; their settings change rarely. ms */
const LOOK_MS = 30_000;

/** Ties the views to what they show: badges, messages, and what is watched only while somebody looks. */
export function registerViews(app: App): Disposable[] {
  const { active, catalog, sessionsView, changesView } = app;
  const activeKey = contextKey(contextKeys.active);
  const changedKey = contextKey(contextKeys.changed);
  const heldKey = contextKey(contextKeys.held);
  const update = (): void => {
    const session = active.current;
    activeKey.set(session !== undefined);
    changesView.description = session?.name ?? '';
    changedKey.set(session?.report !== undefined && !isClean(session.report));
    heldKey.set(session?.hold === 'ask' || session?.hold === 'read-only');
    const count = session?.report ? changeCount(session.report) : 0;
    const open = session?.report ? changeCount(acceptedOf(session.report, session.decisions).open) : 0;
    changesView.badge = open === 0 ? undefined : { value: open, tooltip: openText(open) };
    changesView.message = session ? (holdText(session) ?? (count === 0 ? quietText(session) : '')) : '';
  };
  const stale = new StaleDecorations(active, app.settings);
  let lookedAt = 0;
  const look = guarded(app.log, 'Edit protection', async (soon = true) => {
    if (!sessionsView.visible || (soon && now() - lookedAt < LOOK_MS)) return;
    lookedAt = now();
    const { lookForUnprotected } = await import('../later.ts');
    await lookForUnprotected(app);
  });
  catalog.watchAgents('view', sessionsView.visible);
  update();
  return [
    sessionsView.onDidChangeVisibility(({ visible }) => catalog.watchAgents('view', visible)),
    sessionsView.onDidChangeVisibility(() => void look(false)),
    catalog.onDidChange(() => void look()),
    ...showFilter(app),
    active.onDidChangeActive(update),
    active.onDidUpdate(update),
    window.registerFileDecorationProvider(itemDecorations),
    stale,
    window.registerFileDecorationProvider(stale),
  ];
}

function openText(count: number): string {
  return count === 1 ? l10n.t('1 change since it was saved') : l10n.t('{0} changes since it was saved', count);
}

/** Why the session may not edit files. */
function holdText({ hold }: ActiveSession): string | undefined {
  switch (hold) {
    case 'ask':
      return l10n.t('It may not edit files until you continue.');
    case 'block':
      return l10n.t('A drift policy does not let it go on. It can be read and forked.');
    case 'read-only':
      return l10n.t('It goes on read-only and edits no files.');
    case undefined:
      return undefined;
  }
}

function quietText(session: ActiveSession): string {
  if (!session.report) return l10n.t('Not compared with now: the consistency check is turned off.');
  const { saved_at: savedAt } = session.body;
  if (savedAt === undefined) return l10n.t('Nothing changed since it was saved.');
  const saved = new Date(savedAt);
  const today = new Date().toDateString() === saved.toDateString();
  return l10n.t(
    'Nothing changed since {0}.',
    today ? saved.toLocaleTimeString([], { timeStyle: 'short' }) : saved.toLocaleString(),
  );
}
