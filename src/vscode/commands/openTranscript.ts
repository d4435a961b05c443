import { l10n, Uri } from 'vscode';
import type { App } from '../app.ts';
import { schemes } from '../ids.ts';
import { CLICK } from '../views/sessionItems.ts';
import { oneSaved, rowsOf } from './targets.ts';

/** Opens a session as a document; called on such a document, it shows one page more. */
export async function openTranscript(app: App, ...args: readonly unknown[]): Promise<void> {
  const [first] = args;
  if (first instanceof Uri && first.scheme === schemes.transcript) {
    app.transcripts.showEarlier(first);
    return;
  }
  const live = rowsOf(app, args).find((row) => row.kind === 'live');
  const node = live ?? (await oneSaved(app, args, l10n.t('The session to read')));
  await app.transcripts.open(node, args.includes(CLICK));
}
