import { CancellationError, l10n, Uri, window } from 'vscode';
import type { App } from '../app.ts';
import type { Place } from '../places.ts';
import { statusMessage } from '../say.ts';
import { sessionCount } from '../words.ts';
import { revealSession } from './revealSession.ts';
import { savedText, saveTranscript } from './saveTranscript.ts';
import { mustBeWritable, onePlace } from './targets.ts';

/** Saves transcript files, picked here or given as URIs, as sessions of a folder. */
export async function importFile(app: App, ...args: readonly unknown[]): Promise<readonly string[]> {
  const place = app.places.all().find((one) => args.includes(one)) ?? (await onePlace(app));
  mustBeWritable(app, place);
  const given = args.flat().filter((arg) => arg instanceof Uri);
  const uris = given.length > 0 ? given : await pick();
  return importInto(app, place, uris);
}

export async function importInto(app: App, place: Place, uris: readonly Uri[]): Promise<readonly string[]> {
  mustBeWritable(app, place);
  const names: string[] = [];
  for (const uri of uris) {
    const base = uri.path.split('/').at(-1) ?? '';
    const saved = await saveTranscript(app, place, {
      file: uri.fsPath,
      title: l10n.t('Importing {0}', base),
      name: (title) => place.store.freeName(title ?? base.replace(/\.jsonl?$/, '')),
    });
    names.push(saved.name);
    if (uris.length === 1) statusMessage(savedText(saved), 5000);
  }
  if (names.length > 1) statusMessage(l10n.t('Imported {0}.', sessionCount(names.length)), 5000);
  const [first] = names;
  if (first !== undefined) await revealSession(app, place, first);
  return names;
}

async function pick(): Promise<readonly Uri[]> {
  const picked = await window.showOpenDialog({
    canSelectMany: true,
    title: l10n.t('Import Transcripts'),
    openLabel: l10n.t('Import'),
    filters: { [l10n.t('Transcripts')]: ['jsonl', 'json'], [l10n.t('All files')]: ['*'] },
  });
  if (!picked || picked.length === 0) throw new CancellationError();
  return picked;
}
