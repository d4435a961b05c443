import {
  type Disposable,
  l10n,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  ThemeColor,
  window,
  workspace,
} from 'vscode';
import { contextKey } from '../contextKey.ts';
import { holderName, holderText } from '../driving/driver.ts';
import { escapeMarkdown } from '../escapeMarkdown.ts';
import { commandId, contextKeys, statusItemId, views } from '../ids.ts';
import { now } from '../places.ts';
import { withoutIcons } from '../say.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import {
  nextSaveState,
  type SaveFace,
  type SaveNews,
  type SaveState,
  SLOW_SAVE_MS,
  saveFace,
} from '../session/saveState.ts';
import type { Settings } from '../settings.ts';
import { ago, capital, fileCount, messageCount } from '../words.ts';

/** The text changes at most this often. */
const PAUSE_MS = 1000;
/** `verified 12 s ago` must not grow stale in a tooltip that is open. */
const TOOLTIP_MS = 10_000;

export interface StatusBar extends Disposable {
  readonly item: StatusBarItem;
  readonly state: SaveState | undefined;
  /** Takes news of the active session. */
  tell(news: SaveNews): void;
}

/** The active session and whether it is on disk. Owns the item; what the news mean is in `saveState.ts`. */
export function createStatusBar(active: ActiveSessions, settings: Settings): StatusBar {
  const item = window.createStatusBarItem(statusItemId, StatusBarAlignment.Left, 50);
  item.name = l10n.t('Sessions');
  item.command = commandId('showActions');
  const failedKey = contextKey(contextKeys.saveFailed);
  let state: SaveState | undefined;
  let shownAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const show = (): void => {
    timer = undefined;
    const at = now();
    shownAt = at;
    const face = saveFace(state, at);
    failedKey.set(face === 'failed' || face === 'conflict');
    const following = active.current !== undefined && settings.autoSave.value(active.current.place.folder.uri);
    render(item, state, face, { following, readOnly: active.current?.hold === 'read-only' }, at);
    if (state?.savingSince !== undefined && face !== 'saving') later(SLOW_SAVE_MS);
  };
  const later = (wait: number): void => {
    timer ??= setTimeout(show, wait);
  };
  const tell = (news: SaveNews): void => {
    state = nextSaveState(state, news);
    const wait = shownAt + PAUSE_MS - now();
    if (wait <= 0 && !timer) show();
    else later(Math.max(0, wait));
  };
  show();
  item.show();
  const aging = setInterval(() => {
    if (state) later(0);
  }, TOOLTIP_MS);
  const listening = [
    active.onNews(tell),
    settings.autoSave.onDidChange(() => later(0)),
    workspace.onDidGrantWorkspaceTrust(() => later(0)),
  ];
  return {
    item,
    get state() {
      return state;
    },
    tell,
    dispose() {
      clearTimeout(timer);
      clearInterval(aging);
      for (const one of listening) one.dispose();
      item.dispose();
    },
  };
}

function commandOf(face: SaveFace): string {
  switch (face) {
    case 'stale':
      return `${views.changes}.focus`;
    case 'free':
      return commandId('takeOver');
    case 'none':
    case 'failed':
    case 'conflict':
    case 'following':
    case 'held':
    case 'behind':
    case 'saving':
    case 'saved':
      return commandId('showActions');
  }
}

interface Mode {
  /** Whether auto-save follows the agent. */
  readonly following: boolean;
  /** The user lets the session go on without editing files. */
  readonly readOnly: boolean;
}

function render(item: StatusBarItem, state: SaveState | undefined, face: SaveFace, mode: Mode, at: number): void {
  const name = state ? `$(history) ${withoutIcons(state.name)}` : '';
  const behind = state ? state.live - state.disk : 0;
  item.backgroundColor =
    face === 'failed' || face === 'conflict' ? new ThemeColor('statusBarItem.errorBackground') : undefined;
  item.command = mode.readOnly ? commandId('showActions') : commandOf(face);
  switch (face) {
    case 'none':
      item.text = `$(history) ${l10n.t('Sessions')}`;
      item.tooltip = l10n.t('No session is active. Click to load one.');
      item.accessibilityInformation = { label: l10n.t('Sessions: none is active') };
      return;
    case 'saved':
      item.text = mode.readOnly ? `${name} $(lock) ${l10n.t('read-only')}` : `${name} $(check)`;
      break;
    case 'saving':
      item.text = `${name} $(sync~spin)`;
      break;
    case 'behind':
      item.text = `${name} $(warning) ${l10n.t('{0} not saved', behind)}`;
      break;
    case 'failed':
      item.text = `${name} $(error) ${l10n.t('not saved: {0}', state?.failure ?? '')}`;
      break;
    case 'conflict':
      item.text = `${name} $(error) ${l10n.t('saved elsewhere')}`;
      break;
    case 'following':
      item.text = `$(eye) ${withoutIcons(state?.name ?? '')} ${l10n.t('following')}`;
      break;
    case 'free':
      item.text = `$(eye) ${withoutIcons(state?.name ?? '')} ${l10n.t('not driven')}`;
      break;
    case 'held':
      item.text = `${name} $(debug-pause) ${l10n.t('waits for you')}`;
      break;
    case 'stale':
      item.text = mode.readOnly
        ? `${name} $(lock) ${l10n.t('read-only')}`
        : `${name} $(diff) ${l10n.t('{0} changed', (state?.stale ?? 0).toLocaleString())}`;
      break;
  }
  if (!state) return;
  const facts = tooltipFacts(state, face, mode, at);
  const tooltip = new MarkdownString(`**${escapeMarkdown(state.name)}**\n\n${facts.map(escapeMarkdown).join('  \n')}`);
  tooltip.isTrusted = false;
  item.tooltip = tooltip;
  item.accessibilityInformation = { label: l10n.t('Session {0}: {1}', state.name, facts.join(' ')) };
}

function tooltipFacts(state: SaveState, face: SaveFace, mode: Mode, at: number): string[] {
  const facts: string[] = [];
  const unread = state.disk - state.verified;
  const verified =
    state.verifiedAt === undefined
      ? ''
      : unread > 0
        ? l10n.t(', the last {0} about to be verified', unread)
        : l10n.t(', verified {0}', ago(state.verifiedAt, at));
  const revision = state.revision === undefined ? '' : l10n.t(', revision {0}', state.revision);
  facts.push(`${l10n.t('{0} of {1} messages on disk', state.disk, state.live)}${verified}${revision}.`);
  switch (face) {
    case 'failed':
      facts.push(l10n.t('Not saved: {0}. What was on disk before is unchanged. Click to retry.', state.failure ?? ''));
      break;
    case 'conflict':
      facts.push(l10n.t('Another window saved revision {0}. Nothing was overwritten.', state.conflict ?? 0));
      break;
    case 'behind':
      facts.push(
        mode.following
          ? l10n.t('{0} not on disk yet.', messageCount(state.live - state.disk))
          : l10n.t('Auto-save is off: {0} not on disk.', messageCount(state.live - state.disk)),
      );
      break;
    case 'following':
      if (state.driver.kind === 'other')
        facts.push(
          l10n.t('{0} drives it: {1}.', capital(holderName(state.driver.holder)), holderText(state.driver.holder)),
        );
      facts.push(l10n.t('This window shows what is saved there, and writes nothing. Click to take it over.'));
      break;
    case 'free':
      facts.push(l10n.t('The one who drove it has let it go. Click to go on here.'));
      break;
    case 'held':
      facts.push(l10n.t('It changed since it was saved, and may not edit files until you decide.'));
      break;
    case 'none':
    case 'saved':
    case 'saving':
    case 'stale':
      break;
  }
  if (mode.readOnly) facts.push(l10n.t('Read-only: it edits no files until you continue. Click for the ways on.'));
  if (state.stale > 0) facts.push(l10n.t('{0} changed since the session read them.', fileCount(state.stale)));
  return facts;
}
