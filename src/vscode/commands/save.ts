import { commands, l10n } from 'vscode';
import type { LiveSession } from '../../agents/index.ts';
import type { SessionEntry } from '../../core/index.ts';
import type { App } from '../app.ts';
import { writeFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import { commandId } from '../ids.ts';
import { statusMessage } from '../say.ts';
import type { LiveNode } from '../views/nodes.ts';
import { liveTitle } from '../views/sessionItems.ts';
import { askName } from './askName.ts';
import { loadNode } from './load.ts';
import { revealSession } from './revealSession.ts';
import { savedText, saveTranscript } from './saveTranscript.ts';
import { mustBeWritable, oneLive, rowsOf } from './targets.ts';

/** Saves a live session; without a row, the active session, and where none is active, one that the user picks. */
export async function save(app: App, ...args: readonly unknown[]): Promise<string | undefined> {
  if (rowsOf(args).length === 0 && args[0] !== 'live' && app.active.current) return saveActive(app);
  const node = await oneLive(app, args, l10n.t('The live session to save'));
  return saveLive(app, node);
}

/** What waits is written and folded into the snapshot. */
async function saveActive(app: App): Promise<string | undefined> {
  const session = app.active.current;
  if (!session) return undefined;
  mustBeWritable(app, session.place);
  if (session.follows)
    throw new HumanError(
      l10n.t('{0} is driven elsewhere, and saved there. Take it over to save it here.', session.name),
      [{ label: l10n.t('Take Over'), run: () => commands.executeCommand(commandId('takeOver')) }],
    );
  await app.autoSave.catchUp();
  await session.journal.fold();
  if (session.journal.failure) throw writeFailureError(session.name, session.journal.failure);
  const opened = await session.place.store.open(session.name);
  if (opened.kind === 'open') {
    const { document } = opened;
    await document.close();
    statusMessage(
      savedText({ name: session.name, revision: document.body.revision ?? 1, messages: document.messageCount }),
      5000,
    );
  }
  app.catalog.refresh();
  return session.name;
}

export async function saveLive(app: App, { place, live }: LiveNode, newName = false): Promise<string> {
  mustBeWritable(app, place);
  const entries = await place.store.list();
  const isSame = (entry: SessionEntry): boolean => !newName && isOf(entry, live);
  const before = entries.find(isSame);
  const name = await askName(place, {
    title: l10n.t('Save {0}', liveTitle(live)),
    value: before?.name ?? (await place.store.freeName(liveTitle(live))),
    becomes: isSame,
  });
  const over = entries.find((entry) => entry.name === name);
  const isActive = over !== undefined && app.active.is(place, name);
  // The save compares revisions: what auto-save still holds goes first.
  if (isActive) await app.active.close();
  try {
    const saved = await saveTranscript(app, place, {
      file: live.transcript,
      title: l10n.t('Saving {0}', name),
      agent: live.agent,
      name,
      ...(over && { over }),
    });
    statusMessage(savedText(saved), 5000);
    await revealSession(app, place, name);
  } finally {
    const entry = isActive ? (await place.store.list()).find((one) => one.name === name) : undefined;
    if (entry) await loadNode(app, { place, entry });
  }
  return name;
}

/** The saved form of this very conversation; a fork has a native id of its own once it runs. */
export function isOf(entry: SessionEntry, live: LiveSession): boolean {
  const source = entry.head?.source;
  return source?.agent === live.agent && source.native_id === live.nativeId && entry.head?.parent === undefined;
}
