import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { onlyOf } from '../comparing/drift.ts';
import { HumanError } from '../humanError.ts';
import { restorationOf } from '../resuming/restoredConfig.ts';
import { statusMessage } from '../say.ts';
import { agentLabel } from '../views/agentFace.ts';
import { activeSession } from './targets.ts';

/** Takes *Restore Saved Configuration* back: the agent starts with what it is set to now. */
export async function keepConfig(app: App): Promise<void> {
  const session = activeSession(app);
  session.mustDrive();
  const { body, decisions, report, name } = session;
  const changes = (report?.config ?? []).filter((change) => restorationOf(body, decisions, change) === 'chosen');
  if (changes.length === 0)
    throw new HumanError(l10n.t('Nothing is restored for {0}: its agent starts with what it is set to.', name));
  await session.decide('keep-config', onlyOf({ config: changes }));
  statusMessage(
    l10n.t('Resume in Terminal will start {0} with what it is set to now.', agentLabel(body.source?.agent)),
    8000,
  );
}
