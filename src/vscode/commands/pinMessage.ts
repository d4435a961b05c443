import { l10n, Uri, window } from 'vscode';
import type { App } from '../app.ts';
import { openFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import { schemes } from '../ids.ts';
import type { Place } from '../places.ts';
import { statusMessage } from '../say.ts';
import type { ShownMessage } from '../views/transcriptDocuments.ts';
import { setMarks } from './mark.ts';
import { mustBeWritable } from './targets.ts';

/** Keeps the message at the cursor of a transcript whole when the session is made shorter for another agent. */
export async function pinMessage(app: App, ...args: readonly unknown[]): Promise<void> {
  const { place, name, id } = messageOf(app, args);
  mustBeWritable(app, place);
  const pinned = await pinnedIn(place, name);
  if (!pinned.includes(id)) await setMarks(place, name, { pinned_messages: [...pinned, id] });
  statusMessage(l10n.t('Pinned the message: it stays whole when the session is made shorter.'), 5000);
  app.transcripts.refresh();
}

export async function unpinMessage(app: App, ...args: readonly unknown[]): Promise<void> {
  const { place, name, id } = messageOf(app, args);
  mustBeWritable(app, place);
  const pinned = await pinnedIn(place, name);
  if (pinned.includes(id)) await setMarks(place, name, { pinned_messages: pinned.filter((one) => one !== id) });
  statusMessage(l10n.t('Unpinned the message.'), 5000);
  app.transcripts.refresh();
}

/** A code lens passes document and line, the editor's menu the document. */
function messageOf(app: App, args: readonly unknown[]): ShownMessage {
  const editor = window.activeTextEditor;
  const uri = args.find((arg) => arg instanceof Uri) ?? editor?.document.uri;
  const line = args.find((arg) => typeof arg === 'number') ?? editor?.selection.active.line ?? 0;
  if (uri?.scheme !== schemes.transcript)
    throw new HumanError(l10n.t('Open the transcript of a saved session, and put the cursor into the message.'));
  const found = app.transcripts.messageAt(uri, line);
  if (!found)
    throw new HumanError(l10n.t('Put the cursor into a message of a saved session. A live one is saved first.'));
  return found;
}

async function pinnedIn(place: Place, name: string): Promise<readonly string[]> {
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  await opened.document.close();
  return opened.document.body.pinned_messages ?? [];
}
