import { l10n, Uri, window } from 'vscode';
import { seenVersions } from '../../agents/index.ts';
import { createReadCache, type FileFreshness, type SnapshotBody } from '../../core/index.ts';
import type { App } from '../app.ts';
import { isFile } from '../editing/editors.ts';
import { showDiff } from '../editing/showDiff.ts';
import { openFailureError } from '../failureWords.ts';
import type { Place } from '../places.ts';
import { showInformation } from '../say.ts';
import { CLICK } from '../views/nodes.ts';

interface StaleRow {
  readonly place: Place;
  readonly name: string;
  readonly file: FileFreshness;
}

/** A changed file against what the session saw; where nobody recorded that, the file as it is, with a word about it. */
export async function openChange(app: App, ...args: readonly unknown[]): Promise<void> {
  const row = args.find(isStaleRow);
  if (!row) return;
  const preserveFocus = args.includes(CLICK);
  const { place, name, file } = row;
  const body = await bodyOf(app, place, name);
  const cache = app.active.is(place, name) ? app.active.current?.cache : createReadCache(place.path, body.read_cache);
  const entry = cache?.get(file.key);
  const seen = entry && (await seenVersions(place.store, body).text(file.key, entry));
  const { movedTo } = file;
  const uri = Uri.file((movedTo === undefined ? undefined : cache?.absolute(movedTo)) ?? file.path);
  const exists = await isFile(uri);
  if (seen !== undefined) {
    const right = exists ? uri : app.seen.add(file.key, '');
    await showDiff(
      app.seen.add(file.key, seen),
      right,
      movedTo === undefined
        ? l10n.t('{0}: what the session saw ↔ now', file.key)
        : l10n.t('{0}: what the session saw ↔ {1}, now', file.key, movedTo),
      preserveFocus,
    );
    return;
  }
  if (!exists) {
    void showInformation(l10n.t('{0} is gone, and what the session saw of it was not recorded.', file.key));
    return;
  }
  await window.showTextDocument(uri, { preview: true, preserveFocus });
  void showInformation(
    l10n.t('What the session saw of {0} was not recorded. This is the file as it is now.', file.key),
  );
}

async function bodyOf(app: App, place: Place, name: string): Promise<SnapshotBody> {
  const { current } = app.active;
  if (current && app.active.is(place, name)) return current.body;
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  await opened.document.close();
  return opened.document.body;
}

function isStaleRow(value: unknown): value is StaleRow {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'stale' && 'file' in value;
}
