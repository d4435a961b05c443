import { commands, type Disposable, l10n, Uri, workspace } from 'vscode';
import { normaliseText } from '../../core/index.ts';
import { theirText } from '../chat/toolAnswers.ts';
import { statusMessage } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import type { Conflict } from './conflict.ts';
import { showDiff } from './showDiff.ts';

/** VS Code's own, which its git extension opens by this name too; it is not part of the documented commands. */
const MERGE_EDITOR = '_open.mergeEditor';

/**
 * Opens VS Code's merge editor on three named versions, with the file itself as the result; where there is none, a diff.
 * What the user saves from it the session takes for known.
 */
export async function resolveByHand({ session, outcome }: Conflict, documents: SeenDocuments): Promise<void> {
  const { key, merge, theirs } = outcome;
  const path = session.cache.absolute(key);
  if (!merge || path === undefined) return;
  const output = Uri.file(path);
  const base = documents.add(key, normaliseText(merge.base));
  const ours = documents.add(key, normaliseText(merge.ours));
  takeWhatIsSaved(session, output, [base, ours]);
  try {
    await commands.executeCommand(MERGE_EDITOR, {
      base,
      input1: {
        uri: documents.add(key, theirText(theirs) ?? ''),
        title: l10n.t('Now (Yours)'),
        description: key,
        detail: l10n.t('What changed since the session read it'),
      },
      input2: {
        uri: ours,
        title: l10n.t('The Session’s Edit'),
        description: session.name,
        detail: l10n.t('Made on what the session read'),
      },
      output,
    });
  } catch (error) {
    session.warn(error);
    await showDiff(ours, output, l10n.t('{0}: the session’s edit ↔ now', key));
  }
}

/** Until the versions `beside` it are closed, what is saved into `output` is the user's answer. */
function takeWhatIsSaved(session: ActiveSession, output: Uri, beside: readonly Uri[]): void {
  const listening: Disposable[] = [];
  const end = (): void => {
    for (const one of listening) one.dispose();
  };
  listening.push(
    workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.toString() !== output.toString()) return;
      end();
      void take(session, output).catch(session.warn);
    }),
    workspace.onDidCloseTextDocument(({ uri }) => {
      if (beside.some((one) => one.toString() === uri.toString())) end();
    }),
  );
}

async function take(session: ActiveSession, { fsPath }: Uri): Promise<void> {
  const outcome = await session.takeForKnown(fsPath);
  if (outcome.kind === 'read')
    statusMessage(l10n.t('{0} is resolved; the session goes on from here.', outcome.key), 8000);
}
