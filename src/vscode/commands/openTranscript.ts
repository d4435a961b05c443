import { l10n, Uri } from 'vscode';
import type { App } from '../app.ts';
import { schemes } from '../ids.ts';
import type { Change } from '../views/changeRows.ts';
import { CLICK } from '../views/nodes.ts';
import { oneSaved, rowOf } from './targets.ts';

/** Opens a session as a document, at the message that a row stands for; called on such a document, it shows one page more. */
export async function openTranscript(app: App, ...args: readonly unknown[]): Promise<void> {
  const [first] = args;
  if (first instanceof Uri && first.scheme === schemes.transcript) {
    app.transcripts.showMore(first, args[1] === 'later' ? 'later' : 'earlier');
    return;
  }
  const call = args.find(isCallRow);
  if (call) {
    await app.transcripts.openAt(call.place, call.name, call.message, args.includes(CLICK));
    return;
  }
  const row = rowOf(args);
  const node = row?.kind === 'live' ? row : await oneSaved(app, args, l10n.t('The session to read'));
  await app.transcripts.open(node, args.includes(CLICK));
}

function isCallRow(value: unknown): value is Extract<Change, { kind: 'call' }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'call' && 'message' in value;
}
