import fs from 'node:fs';
import { type HookStamp, stampLine } from '../agents/index.ts';
import { createReadCache, textSha256 } from '../core/index.ts';
import type { EditedFile } from './call.ts';
import { isAtRest, isShown, isText, type Look, lookAt, stampMade, stampNow, versionName, wordingOf } from './look.ts';
import type { ToolResponse } from './response.ts';
import type { HookSession } from './session.ts';

/** Matches no content: the session must read the file again. */
const NO_TEXT = '0'.repeat(64);

/**
 * The session has read a file. What it was shown is compared with what is there now: a change that slipped in between
 * is one that it has not seen. Returns nothing to be said: an edit of it will be denied.
 */
export async function noteRead(
  session: HookSession,
  path: string,
  { shown, unchanged }: Pick<ToolResponse, 'shown' | 'unchanged'>,
  now: number,
): Promise<void> {
  const place = createReadCache(session.place.folder).locate(path);
  if (place.kind === 'nowhere') return;
  const before = session.find(place.path);
  if (unchanged && before !== undefined && before.doubt === undefined) return;
  const look = await lookAt(place.path);
  if (look.kind !== 'read' && look.kind !== 'big') return;
  // A version that was shown otherwise is not shown again by an agent that takes it for known.
  if (unchanged && before !== undefined && (look.kind === 'big' || before.doubt !== look.version.sha256)) return;
  const stamp = await stampNow(place.path, look, now);
  session.append([stampLine(await doubted(stamp, look, shown, before, now))]);
}

/**
 * Each agent has its ways of showing a file, so that a difference proves nothing where the file was at rest, or where
 * the same version was shown in the same way before.
 */
async function doubted(
  stamp: HookStamp,
  look: Look,
  shown: ToolResponse['shown'],
  before: HookStamp | undefined,
  now: number,
): Promise<HookStamp> {
  if (look.kind !== 'read' || shown === undefined || !isText(look.version) || isShown(look.version, shown))
    return stamp;
  if (isAtRest(look.version, now) || before?.doubt === look.version.sha256) return stamp;
  const seen = shown.whole ? await textSha256(shown.text) : NO_TEXT;
  const stale = { via: 'read', version: versionName(look.version.stat) } as const;
  return { ...stamp, entry: { text_sha256: seen }, doubt: look.version.sha256, stale };
}

/** A file that was changed between the check and the session's own edit of it. */
export interface SlippedIn {
  readonly name: string;
  /** The edit replaced it as a whole. */
  readonly lost: boolean;
}

/** The session has changed files itself: it has seen what they are now, unless somebody slipped in. */
export async function noteEdit(
  session: HookSession,
  files: readonly EditedFile[],
  response: ToolResponse,
  callKey: string,
  now: number,
): Promise<readonly SlippedIn[]> {
  const cache = createReadCache(session.place.folder);
  const slipped: SlippedIn[] = [];
  const lines: string[] = [];
  for (const file of files) {
    const place = cache.locate(file.path);
    if (place.kind === 'nowhere') continue;
    const seen = session.find(place.path);
    const look = await lookAt(place.path);
    if (look.kind !== 'read' && look.kind !== 'big') {
      if (seen !== undefined && look.kind === 'missing')
        lines.push(stampLine({ ...seen, at: now, gone: callKey || 'deleted' }));
      continue;
    }
    const name = place.outside ? place.path : place.key;
    const stamp = await stampMade(place.path, look, now);
    const known = await wasKnown(look, response.before, seen);
    if (known && (await isMade(look, file, response))) lines.push(stampLine(stamp));
    else if (!known && file.how === 'whole') {
      // Nothing of what was there is left: the session knows all of what is there now.
      slipped.push({ name, lost: true });
      lines.push(stampLine(stamp));
    } else {
      const stat = look.kind === 'big' ? look.stat : look.version.stat;
      const stale = { via: 'edit', version: versionName(stat) } as const;
      if (seen?.stale?.version !== stale.version) slipped.push({ name, lost: false });
      const { wording: _, ...unseen } = stamp;
      lines.push(stampLine({ ...unseen, entry: { text_sha256: NO_TEXT }, stale }));
    }
  }
  session.append(lines);
  return slipped;
}

/** There is what the edit makes, as far as the agent tells, or what a formatter has made of that. */
async function isMade(look: Look, file: EditedFile, { after }: ToolResponse): Promise<boolean> {
  const text = after ?? file.text;
  if (text === undefined || look.kind !== 'read' || !isText(look.version)) return true;
  if (isShown(look.version, { text, whole: true })) return true;
  return (await wordingOf(text)) === (await wordingOf(look.version.bytes));
}

/** Before the edit there was what the session had seen, as far as the agent tells. */
async function wasKnown(look: Look, before: string | undefined, seen: HookStamp | undefined): Promise<boolean> {
  const known = seen?.entry.text_sha256;
  if (before === undefined || known === undefined) return true;
  // A second hook of the same call: the first one has noted what the edit made.
  if (look.kind === 'read' && seen?.entry.sha256 === look.version.sha256) return true;
  if ((await textSha256(before)) === known) return true;
  return seen?.wording !== undefined && seen.wording === (await wordingOf(before));
}

/** What is known of a file without reading it: undefined where it is as the stamp says, or never was looked at. */
export function statChange(stamp: HookStamp): { readonly stat: fs.BigIntStats | undefined } | undefined {
  const { entry } = stamp;
  let stat: fs.BigIntStats | undefined;
  try {
    stat = fs.lstatSync(stamp.path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder on the way has become a file; any other error says nothing of the content.
    if (code !== 'ENOTDIR') return undefined;
  }
  if (stat === undefined) return stamp.gone === undefined ? { stat } : undefined;
  if (entry.mtime_ns === undefined) return { stat };
  const same = entry.mtime_ns === String(stat.mtimeNs) && entry.file_size_bytes === Number(stat.size);
  return same && entry.ino === String(stat.ino) ? undefined : { stat };
}
