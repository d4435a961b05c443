import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { onlyOf } from '../comparing/drift.ts';
import { HumanError } from '../humanError.ts';
import { restorationOf } from '../resuming/restoredConfig.ts';
import { statusMessage } from '../say.ts';
import { agentLabel } from '../views/agentFace.ts';
import { listed } from '../words.ts';
import { activeSession } from './targets.ts';

/** From now on *Resume in Terminal* starts the agent with the model (and provider) that the session was saved with. */
export async function restoreConfig(app: App): Promise<void> {
  const session = activeSession(app);
  session.mustDrive();
  const { body, decisions } = session;
  const changes = (session.report?.config ?? []).filter(
    (change) => restorationOf(body, decisions, change) === 'possible',
  );
  if (changes.length === 0)
    throw new HumanError(
      l10n.t(
        'Nothing can be restored for {0}: it would run with what was saved, or it cannot be set from here.',
        session.name,
      ),
    );
  await session.decide('restore-config', onlyOf({ config: changes }));
  statusMessage(
    l10n.t(
      'Resume in Terminal will start {0} with {1}.',
      agentLabel(body.source?.agent),
      listed(changes.map(({ saved }) => String(saved))),
    ),
    8000,
  );
}
