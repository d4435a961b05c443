import { commands, l10n } from 'vscode';
import { type DriftKind, isClean, withoutAccepted } from '../../core/index.ts';
import type { App } from '../app.ts';
import { decideOn, driftKindName, driftSubject } from '../comparing/drift.ts';
import { views } from '../ids.ts';
import { showWarning, statusMessage } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { driftPolicies } from '../settings.ts';
import { listed, sentence } from '../words.ts';
import { continueSession } from './continueSession.ts';
import { continueWithBriefing } from './continueWithBriefing.ts';
import { forkInsteadOf } from './forkInstead.ts';

/** Says what changed since the session was saved and was not accepted before, and what can be done about it. */
export async function announce(app: App, session: ActiveSession): Promise<void> {
  const { report } = session;
  const { action, kinds } = report
    ? decideOn(report, session.decisions, driftPolicies(app.settings, session.place.folder.uri))
    : { action: 'continue' as const, kinds: [] };
  if (!report || action === 'continue') {
    statusMessage(quietText(session), 5000);
    return;
  }
  await commands.executeCommand(`${views.changes}.focus`, { preserveFocus: true });
  const show = l10n.t('Show');
  const proceed = l10n.t('Continue');
  const withBriefing = l10n.t('Continue with Briefing…');
  const forkInstead = l10n.t('Fork Instead…');
  const choice = await showWarning(
    reportText(session, action, kinds),
    show,
    ...(action === 'block' ? [] : [proceed, withBriefing]),
    forkInstead,
  );
  // Another session may be active by now.
  if (app.active.current !== session) {
    if (choice !== undefined) statusMessage(l10n.t('{0} is not active any more.', session.name), 5000);
    return;
  }
  switch (choice) {
    case show:
      await commands.executeCommand(`${views.changes}.focus`);
      return;
    case proceed:
      return continueSession(app);
    case withBriefing:
      return continueWithBriefing(app);
    case forkInstead:
      return forkInsteadOf(app, session);
    default:
      return;
  }
}

function quietText({ name, report, decisions }: ActiveSession): string {
  if (!report) return l10n.t('{0} is the active session. It was not compared with now.', name);
  if (isClean(report)) return l10n.t('{0} is the active session. Nothing changed since it was saved.', name);
  return isClean(withoutAccepted(report, [...decisions]))
    ? l10n.t('{0} is the active session. What changed since it was saved was accepted before.', name)
    : l10n.t('{0} is the active session.', name);
}

/** `2 files and the model changed since refactor-auth was saved.` */
export function reportText(
  session: ActiveSession,
  action: 'warn' | 'ask' | 'block',
  kinds: readonly DriftKind[],
): string {
  const { name, report, decisions } = session;
  // What a policy blocks counts although somebody accepted it under another one.
  const shown = report && action !== 'block' ? withoutAccepted(report, [...decisions]) : report;
  const subject = shown ? driftSubject(shown, kinds) : '';
  const said = l10n.t('{0} changed since {1} was saved.', sentence(subject), name);
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
