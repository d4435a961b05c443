import { env, l10n } from 'vscode';
import type { App } from '../app.ts';
import { briefingOf } from '../resuming/briefing.ts';
import { statusMessage } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { activeSession } from './targets.ts';

/** What the agent of the active session should know, into the clipboard; the text is the answer for programs. */
export async function copyBriefing(app: App): Promise<string | undefined> {
  const session = activeSession(app);
  const text = await briefingOf(session, app.settings);
  if (text === undefined) sayNothing(session);
  else await copyText(text);
  return text;
}

export async function copyText(text: string): Promise<void> {
  await env.clipboard.writeText(text);
  statusMessage(l10n.t('Copied a briefing of {0} characters.', text.length.toLocaleString()), 5000);
}

/** Nothing changed, so there is no briefing. */
export function sayNothing({ name }: ActiveSession): void {
  statusMessage(l10n.t('Nothing changed since {0} was saved: there is nothing to tell its agent.', name), 5000);
}
