import { l10n } from 'vscode';
import { type Decision, isClean, withoutAccepted } from '../../core/index.ts';
import type { App } from '../app.ts';
import { decideOn, driftKindName } from '../comparing/drift.ts';
import { HumanError } from '../humanError.ts';
import { statusMessage } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { driftPolicies } from '../settings.ts';
import { listed } from '../words.ts';
import { activeSession } from './targets.ts';

const GO_ON: ReadonlySet<Decision['action']> = new Set(['continue', 'continue-with-briefing']);

/** Goes on although something changed; the session keeps who accepted it. */
export async function continueSession(app: App): Promise<void> {
  const session = activeSession(app);
  mustBeFree(app, session);
  if (goesOn(session)) {
    statusMessage(l10n.t('{0} goes on already; there is nothing new to accept.', session.name), 5000);
    return;
  }
  await session.proceed('continue');
  statusMessage(l10n.t('{0} goes on; what changed is kept in it as accepted.', session.name), 5000);
}

/** Whether nothing would be new in another decision: the one before was made elsewhere, while a question was open here. */
function goesOn({ hold, report, decisions }: ActiveSession): boolean {
  if (hold !== undefined || !report) return false;
  const open = withoutAccepted(report, decisions);
  // Unsaved text can't be accepted for later: somebody has gone on with it or not.
  const [last] = decisions.filter(({ action }) => GO_ON.has(action)).slice(-1);
  const others = open.files.filter(({ freshness }) => freshness !== 'unsaved');
  return last !== undefined && isClean({ ...open, files: others });
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
