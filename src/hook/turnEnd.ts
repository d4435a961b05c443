import fs from 'node:fs';
import path from 'node:path';
import { NEWS } from '../agents/index.ts';
import type { HookCall } from './payload.ts';
import type { HookSession } from './session.ts';
import { append } from './stateFile.ts';

/** News that is longer begins anew; whoever follows it looks for growth, not for what it says. */
const NEWS_BYTES = 64 * 1024;

/** A line that says that a turn or a session has ended, so that it is polled at once. */
export function writeNews(session: HookSession, call: HookCall, now: number): void {
  const { agent, nativeId, event, transcript, folder } = call;
  const file = path.join(session.place.current, NEWS);
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > NEWS_BYTES) fs.rmSync(file, { force: true });
  const at = new Date(now).toISOString();
  append(file, `${JSON.stringify({ at, agent, native_id: nativeId, event, folder, transcript })}\n`);
}

/**
 * The words of the command that saves the session, where it was saved before and the command line lies beside the hook;
 * whether somebody drives it, that command finds out.
 */
export function saveWords(
  session: HookSession,
  call: HookCall,
  cli: string | undefined,
): readonly string[] | undefined {
  const { folder, saved } = session.place;
  if (!saved || cli === undefined || !fs.existsSync(cli)) return undefined;
  const names = fs.readdirSync(path.join(folder, '.sessions'));
  if (!names.some((name) => name.endsWith('.json') && !name.startsWith('.'))) return undefined;
  return [cli, 'save', `${call.agent}:${call.nativeId}`, '--folder', folder, '--if-saved'];
}
