import { type Disposable, l10n, window } from 'vscode';
import type { App } from '../app.ts';
import { contextKey } from '../contextKey.ts';
import { contextKeys } from '../ids.ts';
import { changeCount } from './changes.ts';
import { itemDecorations } from './itemDecorations.ts';

/** Ties the views to what they show: badges, messages, and what is watched only while somebody looks. */
export function registerViews(app: App): Disposable[] {
  const { active, catalog, sessionsView, changesView } = app;
  const activeKey = contextKey(contextKeys.active);
  const update = (): void => {
    const session = active.current;
    activeKey.set(session !== undefined);
    changesView.description = session?.name ?? '';
    const count = session?.report ? changeCount(session.report) : 0;
    changesView.badge =
      count === 0 ? undefined : { value: count, tooltip: l10n.t('{0} changes since it was saved', count) };
    changesView.message = session && count === 0 ? quietText(session) : '';
  };
  catalog.setWatchingAgents(sessionsView.visible);
  update();
  return [
    sessionsView.onDidChangeVisibility(({ visible }) => catalog.setWatchingAgents(visible)),
    active.onDidChangeActive(update),
    active.onDidUpdate(update),
    window.registerFileDecorationProvider(itemDecorations),
  ];
}

function quietText(session: NonNullable<App['active']['current']>): string {
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
