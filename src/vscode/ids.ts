/**
 * Every name that package.json and the code share, once. This file imports nothing, so that a test in plain Node can
 * compare it with the manifest.
 */

/** Commands without their prefix, in the order of the manifest. */
export const commandNames = [
  'save',
  'saveAs',
  'load',
  'closeSession',
  'resumeInTerminal',
  'resumeIn',
  'handOver',
  'fork',
  'forkFromMessage',
  'rename',
  'tag',
  'pin',
  'unpin',
  'archive',
  'unarchive',
  'pinMessage',
  'unpinMessage',
  'delete',
  'undoDelete',
  'import',
  'export',
  'showDrift',
  'openTranscript',
  'openChange',
  'readChangedAgain',
  'continueSession',
  'continueWithBriefing',
  'continueReadOnly',
  'forkInstead',
  'restoreConfig',
  'keepConfig',
  'copyBriefing',
  'whoRead',
  'showRecovered',
  'takeOver',
  'installProtection',
  'removeProtection',
  'filter',
  'clearFilter',
  'searchInSessions',
  'refresh',
  'reveal',
  'copyPath',
  'enableAutoSave',
  'disableAutoSave',
  'enable',
  'retry',
  'showActions',
  'showLog',
] as const;
export type CommandName = (typeof commandNames)[number];

export function commandId(name: CommandName): string {
  return `holdfast.${name}`;
}

export const containerId = 'holdfast';
export const views = { sessions: 'holdfast.sessions', changes: 'holdfast.changes' } as const;

/** The section of every setting. */
export const section = 'holdfast';
export const settingNames = [
  'enabled',
  'folder',
  'autoSave.enabled',
  'autoSave.sessions',
  'autoSave.everyMessages',
  'drift.config',
  'drift.tools',
  'drift.workspace',
  'drift.files',
  'checkConsistencyOnLoad',
  'merge.automatic',
  'briefing.maxCharacters',
  'decorations.enabled',
] as const;
export type SettingName = (typeof settingNames)[number];

/** Names that `when` clauses may use. */
export const contextKeys = {
  /** A session is the window's active one. */
  active: 'holdfast.active',
  /** Something deleted in this window can be brought back. */
  canUndoDelete: 'holdfast.canUndoDelete',
  /** The auto-save of the active session is failing. */
  saveFailed: 'holdfast.saveFailed',
  /** Something differs from what the active session was saved with. */
  changed: 'holdfast.changed',
  /** Another window or program drives the active session. */
  following: 'holdfast.following',
  /** Somebody may end the waiting, or the reading only, of the active session. */
  held: 'holdfast.held',
  /** The Sessions view shows what a filter finds. */
  filtered: 'holdfast.filtered',
  /** An agent works in this folder whose edits nothing checks. */
  unprotected: 'holdfast.unprotected',
} as const;
export type ContextKeyName = (typeof contextKeys)[keyof typeof contextKeys];

export const tools = {
  readFile: 'holdfast_readFile',
  editFile: 'holdfast_editFile',
  writeFile: 'holdfast_writeFile',
} as const;

/** `TreeItem.contextValue` of each kind of row; menus match on them. */
export const contextValues = {
  live: 'live',
  /** Added to a row whose agent no command starts. */
  byHand: '.byHand',
  saved: 'saved',
  active: 'saved.active',
  readOnly: 'saved.readOnly',
  damaged: 'damaged',
  trash: 'trash',
  stale: 'stale',
  /** A difference in the configuration whose saved value the agent can be started with. */
  restorable: 'config.restorable',
  /** One whose saved value the agent will be started with. */
  restored: 'config.restored',
} as const;

/** Theme colours that the manifest contributes. */
export const colors = { staleFile: 'holdfast.staleFileForeground' } as const;

export const statusItemId = 'session';

/** Schemes of the documents that Holdfast makes. */
export const schemes = { transcript: 'holdfast-transcript', seen: 'holdfast-seen', item: 'holdfast-item' } as const;

/** Key of the active session in the workspace's memento. */
export const activeSessionKey = 'holdfast.activeSession';
