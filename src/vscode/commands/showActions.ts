import { commands, l10n, type QuickPickItem, ThemeIcon, window } from 'vscode';
import { isClean } from '../../core/index.ts';
import type { App } from '../app.ts';
import { holderText } from '../driving/driver.ts';
import { type CommandName, commandId, views } from '../ids.ts';
import type { ActiveSession } from '../session/activeSession.ts';

interface Action extends QuickPickItem {
  run(): unknown;
}

function driverText({ driver }: ActiveSession): string | undefined {
  return driver.kind === 'other' ? holderText(driver.holder) : undefined;
}

/** What can be done now: the status bar's menu. */
export async function showActions(app: App): Promise<void> {
  const session = app.active.current;
  const run =
    (name: CommandName, ...args: readonly unknown[]) =>
    () =>
      commands.executeCommand(commandId(name), ...args);
  const action = (label: string, icon: string, act: () => unknown, description?: string): Action => ({
    label,
    iconPath: new ThemeIcon(icon),
    ...(description !== undefined && { description }),
    run: act,
  });
  const actions: Action[] = [];
  if (session) {
    const { name } = session;
    if (session.follows) actions.push(action(l10n.t('Take Over'), 'debug-start', run('takeOver'), driverText(session)));
    if (session.journal.failure) {
      actions.push(action(l10n.t('Retry'), 'refresh', run('retry'), app.autoSave.lastFailure));
      actions.push(action(l10n.t('Save Elsewhere…'), 'save-as', run('export', name)));
    }
    if (session.hold === 'ask' || session.hold === 'read-only')
      actions.push(action(l10n.t('Continue'), 'debug-continue', run('continueSession')));
    if (session.report && !isClean(session.report)) {
      actions.push(action(l10n.t('Show Changes Since Save'), 'diff', run('showDrift')));
      if (!session.follows && session.hold !== 'block')
        actions.push(action(l10n.t('Continue with Briefing…'), 'comment', run('continueWithBriefing')));
    }
    actions.push(
      ...(session.follows ? [] : [action(l10n.t('Save'), 'save', run('save'))]),
      action(l10n.t('Resume in Terminal'), 'play', run('resumeInTerminal', name)),
      action(l10n.t('Resume in…'), 'play', run('resumeIn', name)),
      action(l10n.t('Hand Over to…'), 'arrow-swap', run('handOver', name)),
      action(l10n.t('Fork…'), 'repo-forked', run('fork', name)),
      action(l10n.t('Fork from Message…'), 'repo-forked', run('forkFromMessage', name)),
      action(l10n.t('Open Transcript'), 'open-preview', run('openTranscript', name)),
    );
  }
  actions.push(
    action(session ? l10n.t('Load Another Session…') : l10n.t('Load a Session…'), 'folder-opened', run('load')),
    action(l10n.t('Save a Live Session…'), 'save-all', run('save', 'live')),
    action(l10n.t('Search in Sessions…'), 'search', run('searchInSessions')),
    action(l10n.t('Show Sessions'), 'list-tree', () => commands.executeCommand(`${views.sessions}.focus`)),
  );
  if (session) actions.push(action(l10n.t('Close Active Session'), 'close', run('closeSession')));
  actions.push(action(l10n.t('Show Log'), 'output', run('showLog')));
  const picked = await window.showQuickPick(actions, {
    title: session ? session.name : l10n.t('Sessions'),
    placeHolder: l10n.t('What to do'),
  });
  await picked?.run();
}
