import {
  CancellationError,
  l10n,
  type QuickPickItem,
  type Terminal,
  type TextDocument,
  ThemeIcon,
  window,
  workspace,
} from 'vscode';
import { agentById, nativeSession } from '../../agents/index.ts';
import type { App } from '../app.ts';
import { briefingOf } from '../resuming/briefing.ts';
import { writeBriefing } from '../resuming/briefingFile.ts';
import { briefingName, briefingSentence } from '../resuming/terminalStart.ts';
import { showInformation, withoutIcons } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { continueSession, mustBeFree } from './continueSession.ts';
import { copyText, sayNothing } from './copyBriefing.ts';
import { resumeSaved } from './resumeInTerminal.ts';
import { activeSession, mustBeWritable } from './targets.ts';

interface Way extends QuickPickItem {
  /** False where the briefing went nowhere. */
  go(): Promise<boolean>;
}

/** Goes on with the active session, after its agent was told what changed, in a way that the user picks. */
export async function continueWithBriefing(app: App): Promise<void> {
  const session = activeSession(app);
  mustBeWritable(app, session.place);
  mustBeFree(app, session);
  const text = await briefingOf(session, app.settings);
  if (text === undefined) {
    sayNothing(session);
    if (session.hold) await continueSession(app);
    return;
  }
  const picked = await window.showQuickPick(waysOf(app, session, text), {
    title: l10n.t('Continue {0} with a Briefing', session.name),
    placeHolder: l10n.t('How its agent gets to read {0} characters about what changed', text.length.toLocaleString()),
    matchOnDetail: true,
  });
  if (!picked) throw new CancellationError();
  if ((await picked.go()) && app.active.current === session) await session.proceed('continue-with-briefing');
}

function waysOf(app: App, session: ActiveSession, text: string): Way[] {
  const { place, body } = session;
  const agent = nativeSession(body) && body.source && agentById(body.source.agent);
  const terminal = window.activeTerminal;
  const resume = async (briefing: string): Promise<boolean> => {
    await resumeIn(app, session, briefing);
    return true;
  };
  const copy = async (briefing: string): Promise<boolean> => {
    await copyText(briefing);
    return true;
  };
  const ways: Way[] = [];
  if (agent)
    ways.push({
      label: l10n.t('Resume in {0}', agent.label),
      detail: l10n.t('In a new terminal, with the briefing as the first message'),
      iconPath: new ThemeIcon('play'),
      go: () => resume(text),
    });
  ways.push(
    {
      label: l10n.t('Read and Edit First'),
      detail: l10n.t('As a document, which can be sent from there'),
      iconPath: new ThemeIcon('edit'),
      go: () => editFirst(text, agent && resume, copy),
    },
    {
      label: l10n.t('Copy'),
      detail: l10n.t('To paste it into the conversation'),
      iconPath: new ThemeIcon('copy'),
      go: () => copy(text),
    },
  );
  const sentence = briefingSentence(place.sessionsFolder, fileId(session));
  if (terminal && sentence !== undefined)
    ways.push({
      label: l10n.t('Type into the Terminal “{0}”', withoutIcons(terminal.name)),
      detail: l10n.t('One line, which names the file that the briefing is written to; you press Enter'),
      iconPath: new ThemeIcon('terminal'),
      go: () => typeInto(terminal, session, sentence, text),
    });
  return ways;
}

async function resumeIn(app: App, { place, name }: ActiveSession, briefing: string): Promise<void> {
  const entry = (await place.store.list()).find((one) => one.name === name);
  if (entry) await resumeSaved(app, { kind: 'saved', place, entry, forks: 0 }, briefing);
}

/** What the user made of the briefing goes where the notification's button says. */
async function editFirst(
  text: string,
  resume: ((briefing: string) => Promise<boolean>) | undefined,
  copy: (briefing: string) => Promise<boolean>,
): Promise<boolean> {
  const document: TextDocument = await workspace.openTextDocument({ language: 'markdown', content: text });
  await window.showTextDocument(document);
  const inTerminal = l10n.t('Resume in Terminal');
  const copyIt = l10n.t('Copy');
  const choice = await showInformation(
    l10n.t('This is what the agent will be told. Change what you like, then send it.'),
    ...(resume ? [inTerminal] : []),
    copyIt,
  );
  const edited = document.getText();
  if (choice === undefined || edited.trim() === '') return false;
  return choice === inTerminal && resume ? resume(edited) : copy(edited);
}

/** Never presses Enter, and types nothing but our own words: what runs in that terminal is not known. */
async function typeInto(terminal: Terminal, session: ActiveSession, sentence: string, text: string): Promise<boolean> {
  await writeBriefing(session.place, briefingName(fileId(session)), text);
  terminal.show();
  terminal.sendText(sentence, false);
  return true;
}

/** A plain name for the file of a session that may have no native id. */
function fileId({ body }: ActiveSession): string {
  const id = nativeSession(body)?.id ?? body.session_id;
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,80}$/.test(id) ? id : 'briefing';
}
