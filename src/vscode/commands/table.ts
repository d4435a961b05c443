import type { App } from '../app.ts';
import type { CommandName } from '../ids.ts';
import { closeSession } from './closeSession.ts';
import { continueReadOnly } from './continueReadOnly.ts';
import { continueSession } from './continueSession.ts';
import { continueWithBriefing } from './continueWithBriefing.ts';
import { copyBriefing } from './copyBriefing.ts';
import { deleteSessions } from './delete.ts';
import { exportSessions } from './export.ts';
import { copyPath, reveal } from './fileActions.ts';
import { clearFilter, filter } from './filter.ts';
import { fork } from './fork.ts';
import { forkFromMessage } from './forkFromMessage.ts';
import { forkInstead } from './forkInstead.ts';
import { handOver } from './handOver.ts';
import { importFile } from './importFile.ts';
import { keepConfig } from './keepConfig.ts';
import { load } from './load.ts';
import { archive, pin, unarchive, unpin } from './mark.ts';
import { openChange } from './openChange.ts';
import { openTranscript } from './openTranscript.ts';
import { pinMessage, unpinMessage } from './pinMessage.ts';
import { installProtection, removeProtection } from './protection.ts';
import { readChangedAgain } from './readChangedAgain.ts';
import { refresh } from './refresh.ts';
import { rename } from './rename.ts';
import { restoreConfig } from './restoreConfig.ts';
import { resumeIn } from './resumeIn.ts';
import { resumeInTerminal } from './resumeInTerminal.ts';
import { retry } from './retry.ts';
import { save } from './save.ts';
import { saveAs } from './saveAs.ts';
import { searchInSessions } from './searchInSessions.ts';
import { showActions } from './showActions.ts';
import { showDrift } from './showDrift.ts';
import { showLog } from './showLog.ts';
import { showRecovered } from './showRecovered.ts';
import { disableAutoSave, enable, enableAutoSave } from './switches.ts';
import { tag } from './tag.ts';
import { takeOver } from './takeOver.ts';
import { keyArguments } from './targets.ts';
import { undoDelete } from './undoDelete.ts';
import { whoRead } from './whoRead.ts';

/** Runs with what a menu, a key or a program passes; without arguments it asks. What it answers is for programs. */
export type Command = (app: App, ...args: readonly unknown[]) => Promise<unknown>;

const table: Readonly<Record<CommandName, Command>> = {
  save,
  saveAs,
  load,
  closeSession,
  resumeInTerminal,
  resumeIn,
  handOver,
  fork,
  forkFromMessage,
  rename,
  tag,
  pin,
  unpin,
  archive,
  unarchive,
  pinMessage,
  unpinMessage,
  delete: deleteSessions,
  undoDelete,
  import: importFile,
  export: exportSessions,
  showDrift,
  openTranscript,
  openChange,
  readChangedAgain,
  continueSession,
  continueWithBriefing,
  continueReadOnly,
  forkInstead,
  restoreConfig,
  keepConfig,
  copyBriefing,
  whoRead,
  showRecovered,
  takeOver,
  installProtection,
  removeProtection,
  filter,
  clearFilter,
  searchInSessions,
  refresh,
  reveal,
  copyPath,
  enableAutoSave,
  disableAutoSave,
  enable,
  retry,
  showActions,
  showLog,
};

/** Runs a command; `args` are what a menu, a key or a program passed. */
export async function runCommand(app: App, name: CommandName, args: readonly unknown[]): Promise<unknown> {
  return table[name](app, ...(await keyArguments(app, args)));
}
