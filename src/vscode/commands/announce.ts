import { commands, l10n, window } from 'vscode';
import { type DriftKind, decide } from '../../core/index.ts';
import type { App } from '../app.ts';
import { driftKindName, driftSubject } from '../drift.ts';
import { views } from '../ids.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { driftPolicies } from '../settings.ts';
import { listed } from '../words.ts';
import { forkNode } from './fork.ts';
import { loadNode } from './load.ts';

/** Says what changed since the session was saved, and what can be done about it. */
export async function announce(app: App, session: ActiveSession): Promise<void> {
  const { name, report } = session;
  if (!report) {
    window.setStatusBarMessage(l10n.t('{0} is the active session. It was not compared with now.', name), 5000);
    return;
  }
  const { action, kinds } = decide(report, driftPolicies(app.settings, session.place.folder.uri));
  if (action === 'continue') {
    window.setStatusBarMessage(l10n.t('{0} is the active session. Nothing changed since it was saved.', name), 5000);
    return;
  }
  await commands.executeCommand(`${views.changes}.focus`, { preserveFocus: true });
  const show = l10n.t('Show');
  const proceed = l10n.t('Continue');
  const forkInstead = l10n.t('Fork Instead');
  const choice = await window.showWarningMessage(
    reportText(session, action, kinds),
    show,
    ...(action === 'block' ? [] : [proceed]),
    forkInstead,
  );
  // Another session may be active by now.
  if (app.active.current !== session) return;
  switch (choice) {
    case show:
      await commands.executeCommand(`${views.changes}.focus`);
      return;
    case proceed:
      await session.proceed();
      return;
    case forkInstead:
      return forkInsteadOf(app, session);
    default:
      return;
  }
}

async function forkInsteadOf(app: App, session: ActiveSession): Promise<void> {
  const { place, name } = session;
  const entry = (await place.store.list()).find((one) => one.name === name);
  if (!entry) return;
  const fork = await forkNode(app, { kind: 'saved', place, entry, forks: 0 });
  const forked = (await place.store.list()).find((one) => one.name === fork);
  if (forked) await loadNode(app, { place, entry: forked });
}

/** `2 files and the model changed since refactor-auth was saved.` */
export function reportText(
  session: ActiveSession,
  action: 'warn' | 'ask' | 'block',
  kinds: readonly DriftKind[],
): string {
  const { name, report } = session;
  const subject = report ? driftSubject(report, kinds) : '';
  const said = l10n.t(
    '{0} changed since {1} was saved.',
    subject.charAt(0).toLocaleUpperCase() + subject.slice(1),
    name,
  );
  switch (action) {
    case 'warn':
      return said;
    case 'ask':
      return l10n.t('{0} It may not edit files until you continue.', said);
    case 'block':
      return l10n.t(
        '{0} It can be read and forked, not continued: the drift policy for {1} is “block”.',
        said,
        listed(kinds.map(driftKindName)),
      );
  }
}
