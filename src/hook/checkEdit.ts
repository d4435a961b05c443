import { applyPatch, denialLine, type HookStamp, parsePatch, stampLine } from '../agents/index.ts';
import { createReadCache, normaliseText, type ReadCache, textSha256, type Version } from '../core/index.ts';
import type { EditedFile, ToolCall } from './call.ts';
import { compare, isText, lookAt, versionName } from './look.ts';
import type { HookSession } from './session.ts';

/** Why a file must not be changed now. */
export interface Refusal {
  /** Relative to the folder, or absolute. */
  readonly name: string;
  readonly why: 'changed' | 'deleted' | 'unknown' | 'unread' | 'model-unread' | 'unreadable';
  /** When the session has seen it, and when it changed since; ms since the epoch. */
  readonly seenAt?: number;
  readonly changedAt?: number;
  readonly detail?: string;
}

export interface CheckOptions {
  readonly session: HookSession;
  readonly files: readonly EditedFile[];
  /** The same for two hooks that fire for one call. */
  readonly callKey: string;
  /** ms since the epoch */
  readonly now: number;
  /** Takes what no hook saw from the transcript; false where nothing can be known of what was read before. */
  readonly learn: () => Promise<boolean>;
}

export interface Checked {
  readonly refusals: readonly Refusal[];
  /** Nothing is known of what the session has read: files that it may never have read were let through. */
  readonly blind: boolean;
}

/** Two calls follow each other more slowly; two hooks that fire for one call are this close. */
const SAME_CALL_MS = 1000;

/**
 * Compares each file with what the session has seen of it. The content decides: a file that was only touched is the
 * same. A file that the session has never read is not changed, unless it does not exist.
 */
export async function checkEdit(options: CheckOptions): Promise<Checked> {
  const cache = createReadCache(options.session.place.folder);
  const refusals: Refusal[] = [];
  const denials: string[] = [];
  let blind = false;
  for (const file of options.files) {
    const place = cache.locate(file.path);
    // Where the path leads nowhere, the tool itself fails.
    if (place.kind === 'nowhere') continue;
    const found = await checkFile(options, file, place.path);
    if (found === 'blind') blind = true;
    else if (found !== undefined) {
      const { version, ...refusal } = found;
      refusals.push({ ...refusal, name: place.outside ? place.path : place.key });
      if (version !== undefined) denials.push(denialLine({ path: place.path, version }));
    }
  }
  // Where nothing can be noted, no reading could lift the denial: this fails then, and the agent goes on.
  options.session.append(denials);
  return { refusals, blind };
}

/** A refusal, and the version that it is about, where there is a file. */
type Found = Omit<Refusal, 'name'> & { readonly version?: string };

async function checkFile(options: CheckOptions, file: EditedFile, path: string): Promise<Found | 'blind' | undefined> {
  const look = await lookAt(path);
  if (look.kind === 'not-a-file') return undefined;
  let stamp = options.session.find(path);
  if (look.kind === 'missing') return stamp === undefined ? undefined : checkMissing(options, file, stamp);
  if (look.kind === 'unreadable') return { why: 'unreadable', detail: look.code };
  if (stamp === undefined || stamp.gone !== undefined) {
    if (!(await options.learn())) return 'blind';
    stamp = options.session.find(path);
  }
  const stat = look.kind === 'big' ? look.stat : look.version.stat;
  const version = versionName(stat);
  if (stamp === undefined || stamp.gone !== undefined) return { why: 'unread', version };
  const verdict = await compare(stamp, look);
  if (verdict === 'fresh') {
    const skipped = stamp.entry.model_unread === true && file.how !== 'part';
    return skipped ? { why: 'model-unread', version } : undefined;
  }
  return { why: verdict, version, seenAt: seenAt(stamp), changedAt: Number(stat.mtimeNs / 1_000_000n) };
}

/** It is said once that a file is gone: a model that cannot read it again would never get out of this. */
function checkMissing(
  { session, callKey, now }: CheckOptions,
  file: EditedFile,
  stamp: HookStamp,
): Omit<Refusal, 'name'> | undefined {
  if (file.how === 'gone') return undefined;
  const sameCall = stamp.gone === callKey && (callKey !== '' || now - stamp.at < SAME_CALL_MS);
  if (stamp.gone !== undefined && !sameCall) return undefined;
  if (stamp.gone === undefined) {
    // The time of the read stays: a second hook of the call says the same.
    const entry = { ...stamp.entry, seen_at: new Date(seenAt(stamp)).toISOString() };
    session.append([stampLine({ ...stamp, at: now, entry, gone: callKey })]);
  }
  return { why: 'deleted', seenAt: seenAt(stamp) };
}

function seenAt({ at, entry }: HookStamp): number {
  const seen = Date.parse(entry.seen_at ?? '');
  return Number.isNaN(seen) ? at : seen;
}

/**
 * A patch that a shell command applies is told of before only (Codex): what it makes of the files is worked out now, so
 * that this is no change that the session has not seen.
 */
export async function expectPatched(
  session: HookSession,
  { script, folder }: Extract<ToolCall, { kind: 'shell' }>,
  now: number,
): Promise<void> {
  const cache: ReadCache = createReadCache(folder);
  const lines: string[] = [];
  for (const patch of parsePatch(script)) {
    const place = cache.locate(patch.path);
    if (place.kind === 'nowhere' || patch.op === 'delete' || patch.moveTo !== undefined) continue;
    const look = await lookAt(place.path);
    const text =
      patch.op === 'add' ? patch.content : look.kind === 'read' ? patchedText(look.version, patch) : undefined;
    if (text === undefined) continue;
    const stamp = session.find(place.path) ?? {
      path: place.path,
      at: now,
      entry: { text_sha256: await textSha256(text) },
    };
    const { gone: _, ...kept } = stamp;
    lines.push(stampLine({ ...kept, expect: await textSha256(text) }));
  }
  session.append(lines);
}

function patchedText(version: Version, patch: ReturnType<typeof parsePatch>[number]): string | undefined {
  return isText(version) ? applyPatch(normaliseText(version.bytes), patch) : undefined;
}
