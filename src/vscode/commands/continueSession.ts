import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { decideOn, driftKindName } from '../drift.ts';
import { HumanError } from '../humanError.ts';
import { statusMessage } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { driftPolicies } from '../settings.ts';
import { listed } from '../words.ts';
import { activeSession } from './targets.ts';

/** Goes on although something changed; the session keeps who accepted it. */
export async function continueSession(app: App): Promise<void> {
  const session = activeSession(app);
  mustBeFree(app, session);
  await session.proceed('continue');
  statusMessage(l10n.t('{0} goes on; what changed is kept in it as accepted.', session.name), 5000);
}

/** Throws for a session that another window drives, and for what a policy blocks: nobody here may accept it. */
export function mustBeFree({ settings }: App, session: ActiveSession): void {
  session.mustDrive();
  const { name, place, report, decisions } = session;
  if (!report) return;
  const { action, kinds } = decideOn(report, decisions, driftPolicies(settings, place.folder.uri));
  if (action !== 'block') return;
  throw new HumanError(
    l10n.t(
      '{0} cannot be continued: the drift policy for {1} is “block”. It can be read and forked, and changed files can be read again.',
      name,
      listed(kinds.map(driftKindName)),
    ),
  );
}
