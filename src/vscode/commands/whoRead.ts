import { l10n, type QuickInputButton, type QuickPickItem, ThemeIcon, Uri, window } from 'vscode';
import { createReadCache, type FileFreshness, type FileReader, type SessionEntry, sweep } from '../../core/index.ts';
import type { App } from '../app.ts';
import { openEditors } from '../editing/editors.ts';
import { guarded } from '../guarded.ts';
import { HumanError } from '../humanError.ts';
import { now, type Place } from '../places.ts';
import { showInformation, withoutIcons } from '../say.ts';
import { agentIcon } from '../views/agentFace.ts';
import { ago } from '../words.ts';
import { loadNode } from './load.ts';

export interface ReaderItem extends QuickPickItem {
  readonly reader: FileReader;
  readonly buttons: readonly QuickInputButton[];
}

/** The saved sessions that read a file (the given one, else that of the active editor), newest first. */
export async function whoRead(app: App, ...args: readonly unknown[]): Promise<void> {
  const uri = args.find((arg) => arg instanceof Uri) ?? window.activeTextEditor?.document.uri;
  const place = uri?.scheme === 'file' ? app.places.of(uri) : undefined;
  if (!uri || !place) throw new HumanError(l10n.t('Open a file of the folder first, or pick one in the Explorer.'));
  const { key, items } = await readersOf(app, place, uri.fsPath);
  if (items.length === 0) {
    void showInformation(l10n.t('No saved session has read {0}.', key ?? uri.fsPath));
    return;
  }
  const picker = window.createQuickPick<ReaderItem>();
  picker.title = l10n.t('Sessions That Read {0}', key ?? uri.fsPath);
  picker.placeholder = l10n.t('Opens the transcript where the session read it last');
  picker.matchOnDescription = true;
  picker.items = items;
  picker.onDidAccept(
    guarded(app.log, 'whoRead', async () => {
      const [item] = picker.selectedItems;
      if (!item) return;
      picker.hide();
      await openAtRead(app, place, item.reader);
    }),
  );
  picker.onDidTriggerItemButton(
    guarded(app.log, 'whoRead', async ({ item }) => {
      picker.hide();
      const entry = await entryOf(app, place, item.reader);
      if (entry) await loadNode(app, { place, entry });
    }),
  );
  picker.onDidHide(() => picker.dispose());
  picker.show();
}

/** `key` is absent for a path that no session can have read. */
export async function readersOf(
  app: Pick<App, 'catalog'>,
  place: Place,
  path: string,
): Promise<{ readonly key: string | undefined; readonly items: readonly ReaderItem[] }> {
  const key = createReadCache(place.path).key(path);
  if (key === undefined) return { key, items: [] };
  const readers = await place.store.readers(key);
  const entries = new Map((await app.catalog.saved(place)).map((entry) => [entry.name, entry]));
  const versions = new Map<string, FileFreshness['freshness'] | undefined>();
  const items: ReaderItem[] = [];
  for (const reader of readers) {
    // Many sessions have read the same version: the file is looked at once for all of them.
    const { message: _, ...version } = reader.entry;
    const id = JSON.stringify(version);
    if (!versions.has(id)) {
      const [file] = await sweep(createReadCache(place.path, { [key]: reader.entry }), { editors: openEditors });
      versions.set(id, file?.freshness);
    }
    items.push({
      label: withoutIcons(reader.name),
      description: [readText(reader), versionText(versions.get(id))].join(' · '),
      iconPath: agentIcon(entries.get(reader.name)?.head?.source?.agent),
      buttons: [{ iconPath: new ThemeIcon('folder-opened'), tooltip: l10n.t('Load {0}', reader.name) }],
      reader,
    });
  }
  return { key, items };
}

function readText({ entry, changedAt }: FileReader): string {
  const seen = Date.parse(entry.seen_at ?? '');
  // Older snapshots don't tell when: not after they were saved.
  if (Number.isNaN(seen)) return l10n.t('saved {0}', ago(changedAt, now()));
  const when = ago(seen, now());
  return entry.message === undefined
    ? l10n.t('read {0}', when)
    : l10n.t('read at message {0}, {1}', entry.message, when);
}

function versionText(freshness: FileFreshness['freshness'] | undefined): string {
  switch (freshness) {
    case 'same':
    case 'touched':
      return l10n.t('the current version');
    case 'changed':
      return l10n.t('changed since');
    case 'deleted':
    case 'moved':
      return l10n.t('gone since');
    case 'unsaved':
      return l10n.t('unsaved changes since');
    case 'unreadable':
      return l10n.t('cannot be read now');
    case 'unknown':
    case undefined:
      return l10n.t('which version is not recorded');
  }
}

async function openAtRead({ transcripts }: App, place: Place, { name, entry }: FileReader): Promise<void> {
  await transcripts.openAt(place, name, entry.message ?? 1);
}

async function entryOf({ catalog }: App, place: Place, { name }: FileReader): Promise<SessionEntry | undefined> {
  return (await catalog.saved(place)).find((one) => one.name === name);
}
