import { commands, l10n, type QuickPickItem, Uri, window } from 'vscode';
import { createReadCache, listRecovered, type RecoveredVersion } from '../../core/index.ts';
import type { App } from '../app.ts';
import { restoreKept, showKept } from '../editing/recovered.ts';
import { now, type Place } from '../places.ts';
import { showInformation, withoutIcons } from '../say.ts';
import { ago, bytes, exactTime } from '../words.ts';
import { mustBeWritable } from './targets.ts';

interface RecoveredItem extends QuickPickItem {
  readonly place: Place;
  readonly version: RecoveredVersion;
}

/** The versions of files that guarded writes have displaced and kept: what was overwritten, and what others wrote meanwhile. */
export async function showRecovered(app: App): Promise<void> {
  const items = (await Promise.all(app.places.all().map(itemsOf))).flat();
  if (items.length === 0) {
    void showInformation(l10n.t('No version of a file had to be kept so far.'));
    return;
  }
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Recovered Versions'),
    placeHolder: l10n.t('Shows how the kept version differs from its file as it is now'),
    matchOnDescription: true,
  });
  if (!picked) return;
  const { place, version } = picked;
  const reveal = l10n.t('Reveal in Explorer');
  const { key } = version;
  // The name of a kept version came with the folder: it may lead nowhere.
  const path = key === undefined ? undefined : createReadCache(place.path).absolute(key);
  if (key === undefined || path === undefined) {
    // Which file it was a version of is not known: only the user can tell.
    await window.showTextDocument(Uri.file(version.file), { preview: true });
    return;
  }
  const kept = { key, kept: version.file, path };
  await showKept(kept, app.seen);
  const restore = l10n.t('Restore into Editor');
  const choice = await showInformation(l10n.t('{0} as it was kept {1}.', key, exactTime(version.at)), restore, reveal);
  if (choice === restore) {
    mustBeWritable(app, place);
    await restoreKept(kept);
  }
  if (choice === reveal) await commands.executeCommand('revealInExplorer', Uri.file(version.file));
}

async function itemsOf(place: Place): Promise<RecoveredItem[]> {
  return (await listRecovered(place.store.root)).map((version) => ({
    label: withoutIcons(version.key ?? version.name),
    description: l10n.t('kept {0} · {1}', ago(version.at, now()), bytes(version.bytes)),
    detail: exactTime(version.at),
    place,
    version,
  }));
}
