import * as fs from 'node:fs';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import { textSha256 } from '../normalise.ts';
import { keptPath } from '../replace/leftovers.ts';
import type { Stamp } from '../stamp.ts';
import { sha256, toEntry } from '../version.ts';
import type { OpenEditors, WriteOutcome } from './guardTypes.ts';
import { conflictOf } from './outcome.ts';
import { type Make, notMade, type Target } from './target.ts';

const BOM = Buffer.from('\uFEFF');

/** The unsaved text of a file, by whichever spelling of its path it is open. */
export function unsavedTextOf(
  editors: OpenEditors | undefined,
  spellings: readonly string[],
): { readonly path: string; readonly text: string } | undefined {
  if (editors === undefined) return undefined;
  for (const path of spellings) {
    const text = editors.unsavedText(path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

/** The version that an unsaved editor holds, as a session reads it: its UTF-8 bytes. */
export async function readUnsaved(
  at: Target,
  unsaved: { readonly text: string },
  now: number,
): Promise<{ readonly bytes: Buffer; readonly stamp: Stamp; readonly entry: ReadCacheEntry }> {
  const bytes = Buffer.from(unsaved.text);
  const stamp = await stampUnsaved(at.path, bytes);
  return { bytes, stamp, entry: await entryOf(bytes, stamp, now) };
}

/** Times and inode are the disk file's, which says nothing of the text: hence racy, so that no sweep trusts them. */
async function stampUnsaved(path: string, bytes: Buffer): Promise<Stamp> {
  const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return {
    sha256: await sha256(bytes),
    size: bytes.length,
    mtimeMs: Number((stat?.mtimeNs ?? 0n) / 1_000_000n),
    mtimeNs: String(stat?.mtimeNs ?? 0n),
    ctimeNs: String(stat?.ctimeNs ?? 0n),
    ino: String(stat?.ino ?? 0n),
    racy: true,
  };
}

async function entryOf(bytes: Buffer, stamp: Stamp, now: number): Promise<ReadCacheEntry> {
  // Saved, the text may get a BOM or other line ends: `text_sha256` knows it again.
  return { ...toEntry(stamp, { seenAt: now }), text_sha256: await textSha256(bytes), unsaved: true };
}

/** True when the text is what the session has seen, on disk (perhaps with a BOM) or in the editor. */
export async function hasSeenText(entry: ReadCacheEntry | undefined, text: string): Promise<boolean> {
  if (entry === undefined) return false;
  const bytes = Buffer.from(text);
  if (entry.sha256 !== undefined) {
    if (entry.sha256 === (await sha256(bytes))) return true;
    return entry.unsaved !== true && entry.sha256 === (await sha256(Buffer.concat([BOM, bytes])));
  }
  return entry.text_sha256 !== undefined && entry.text_sha256 === (await textSha256(bytes));
}

/** What came of a write into an editor; if it was written, what to record and the new version's bytes. */
export type EditorWrite =
  | { readonly kind: 'ended'; readonly outcome: WriteOutcome }
  | {
      readonly kind: 'written';
      readonly outcome: Extract<WriteOutcome, { kind: 'written' }>;
      readonly entry: ReadCacheEntry;
      readonly bytes: Buffer;
    };

/** Writes into an unsaved editor, undoably; the disk's file is not touched. */
export async function writeUnsaved(job: {
  readonly at: Target;
  readonly editors: OpenEditors;
  readonly unsaved: { readonly path: string; readonly text: string };
  readonly entry: ReadCacheEntry | undefined;
  readonly make: Make;
  readonly force: boolean;
  /** The folder for displaced versions, made when needed. */
  readonly displaced: () => string;
  readonly now: number;
}): Promise<EditorWrite> {
  const { at, editors, unsaved, entry } = job;
  const { key } = at;
  const conflict = (text: string): EditorWrite => {
    return { kind: 'ended', outcome: conflictOf(key, 'unsaved', { unsaved: text }, entry) };
  };
  const seen = await hasSeenText(entry, unsaved.text);
  if (!seen && !job.force) return conflict(unsaved.text);
  // Half a surrogate pair has no bytes: to pass it through bytes would replace it.
  if (!unsaved.text.isWellFormed()) return conflict(unsaved.text);
  const made = await job.make(Buffer.from(unsaved.text));
  if (made.kind !== 'edited') return { kind: 'ended', outcome: notMade(at, made) };
  const text = decode(made.bytes);
  if (text === undefined) return conflict(unsaved.text);
  const kept = seen ? undefined : keep(job.displaced(), at, unsaved.text, job.now);
  if (!(await editors.replaceUnsaved(unsaved.path, unsaved.text, text))) {
    const current = unsavedTextOf(editors, at.spellings)?.text ?? unsaved.text;
    if (kept !== undefined) fs.rmSync(kept, { force: true });
    return conflict(current);
  }
  const bytes = Buffer.from(await asHeld(text, editors.unsavedText(unsaved.path)));
  const stamp = await stampUnsaved(at.path, bytes);
  return {
    kind: 'written',
    outcome: { kind: 'written', key, stamp, created: false, unsaved: true, ...(kept === undefined ? {} : { kept }) },
    entry: await entryOf(bytes, stamp, job.now),
    bytes,
  };
}

/** An editor gives all lines one kind of end: the text that was put into it, as it holds it. */
async function asHeld(text: string, held: string | undefined): Promise<string> {
  if (held === undefined || held === text) return text;
  return (await textSha256(held)) === (await textSha256(text)) ? held : text;
}

/** Undo would bring it back too, as long as the window is open. */
function keep(folder: string, at: Target, text: string, now: number): string {
  const kept = keptPath(folder, at, now);
  fs.writeFileSync(kept, text, { flag: 'wx', mode: 0o600 });
  return kept;
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    // Not UTF-8: an editor can't hold these bytes as text.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
