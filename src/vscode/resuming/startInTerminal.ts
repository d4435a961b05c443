import { env, l10n, type TerminalOptions, window } from 'vscode';
import type { Agent, CommandLine } from '../../agents/index.ts';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';
import { withoutIcons } from '../say.ts';
import { beforeLine } from './beforeLine.ts';
import { writeBriefing } from './briefingFile.ts';
import { type StartOptions, type TerminalStart, terminalStart } from './terminalStart.ts';

/** Goes on with an agent's own session in a new terminal of its folder; `before` is typed first. */
export async function startInTerminal(
  place: Place,
  title: string,
  agent: Agent,
  nativeId: string,
  {
    before,
    ...options
  }: Pick<StartOptions, 'briefing' | 'model' | 'provider'> & { readonly before?: CommandLine | undefined } = {},
): Promise<void> {
  if (agent.native?.isId(nativeId) !== true) throw madeUp(agent, nativeId);
  const start = terminalStart(agent, nativeId, { ...options, shell: env.shell, sessionsFolder: place.sessionsFolder });
  if (!start) throw options.briefing === undefined ? madeUp(agent, nativeId) : cannotTake(agent);
  const first = before && beforeLine(before);
  if (before && first === undefined)
    throw new HumanError(
      l10n.t('{0} must be told of this session by a command that is not safe in a terminal.', agent.label),
    );
  if (start.file) await writeBriefing(place, start.file.name, start.file.text);
  const terminal = window.createTerminal(terminalOptions(place, title, start));
  terminal.show();
  if (first !== undefined) terminal.sendText(first);
  terminal.sendText(start.line);
}

export function terminalOptions(place: Place, title: string, start: TerminalStart): TerminalOptions {
  return { name: withoutIcons(title), cwd: place.folder.uri, isTransient: true, ...(start.env && { env: start.env }) };
}

/** The id comes from a file that anybody may have written, and would become part of a command line. */
export function madeUp(agent: Agent, id: string): HumanError {
  return new HumanError(
    l10n.t('The id of this session is not one that {0} makes, so no command was run: {1}', agent.label, id),
  );
}

function cannotTake(agent: Agent): HumanError {
  return new HumanError(
    l10n.t('A briefing cannot be passed to {0} here. Copy it, and paste it into the conversation.', agent.label),
  );
}
