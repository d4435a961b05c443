import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { textSha256 } from '../normalise.ts';
import type { Pacer } from '../pacer.ts';
import type { ReadCache } from '../readCache.ts';
import { hashFile, openFile, readVersion } from '../version.ts';
import { areAsThen, forgetSearch, lastSearch } from './lastSearch.ts';
import { type FoundFile, walkFolder } from './walkFolder.ts';

export interface FindByContentOptions {
  /** Absolute, or relative to the folder. Default: `.sessions`. */
  readonly sessionsFolder?: string | undefined;
  readonly pause: Pacer;
  readonly signal?: AbortSignal | undefined;
  /** ms since the epoch */
  readonly now?: (() => number) | undefined;
}

/** Files whose size fits are read up to here, the likeliest first: about a second of hashing. */
const MAX_BYTES = 256 << 20;
/** A bigger file is not compared as text. */
const MAX_TEXT_BYTES = 8 << 20;

/** A file that is gone, as the session knows it. */
interface Wanted {
  readonly key: string;
  readonly ino: string | undefined;
  /** SHA-256 of its bytes or, after `text:`, of its normalised text. */
  readonly content: string;
}

/**
 * Where the contents of files that are gone lie now: key to key. A content is looked for in files of its size, or of
 * its extension where only its text is known; empty ones are everywhere and not looked for. Of several places that of
 * the same inode goes before one of the same name, and each is taken once. None of `taken` is one. For files that were
 * looked for before, only folders that changed since are looked through again.
 */
export async function findByContent(
  cache: ReadCache,
  keys: readonly string[],
  taken: ReadonlySet<string>,
  { sessionsFolder = '.sessions', pause, signal, now = Date.now }: FindByContentOptions,
): Promise<ReadonlyMap<string, string>> {
  const wanted: Wanted[] = [];
  const sizes = new Set<bigint>();
  const extensions = { bytes: new Set<string>(), text: new Set<string>() };
  for (const key of keys) {
    await pause();
    const entry = cache.get(key);
    const { sha256, text_sha256: text, ino, file_size_bytes: size } = entry ?? {};
    if (sha256 !== undefined && entry?.unsaved !== true) {
      if (size === 0 || sha256 === EMPTY) continue;
      if (size !== undefined && Number.isSafeInteger(size)) sizes.add(BigInt(size));
      else extensions.bytes.add(nodePath.posix.extname(key));
      wanted.push({ key, ino, content: sha256 });
    } else if (text !== undefined && text !== EMPTY) {
      extensions.text.add(nodePath.posix.extname(key));
      wanted.push({ key, ino, content: `text:${text}` });
    }
  }
  if (wanted.length === 0) return new Map();

  const skipped = nodePath.resolve(cache.root, sessionsFolder);
  const fits = ({ key, size }: FoundFile): boolean => {
    const extension = nodePath.posix.extname(key);
    return size > 0n && (sizes.has(size) || extensions.bytes.has(extension) || extensions.text.has(extension));
  };
  for (;;) {
    const { isNew, listings, contents } = lastSearch(cache, keys, skipped, now());
    const candidates: FoundFile[] = [];
    for await (const files of walkFolder(cache.root, { skipped, fits, listings, pause, signal, now })) {
      for (const file of files) if (!taken.has(file.key)) candidates.push(file);
    }
    const likeliest = await likeliestFirst(candidates, wanted, pause);
    const places = await readContents(likeliest, extensions.text, contents, pause, signal);
    const moved = new Map<string, FoundFile>();
    for (const [content, gone] of Map.groupBy(wanted, (file) => file.content)) {
      await assign(gone, places.get(content) ?? [], moved, pause);
    }
    // Written into since: all is looked for anew.
    if (isNew || (await areAsThen(moved.values(), pause))) return keysOf(moved);
    forgetSearch(cache);
  }
}

function keysOf(files: ReadonlyMap<string, FoundFile>): ReadonlyMap<string, string> {
  return new Map([...files].map(([key, file]) => [key, file.key]));
}

/** SHA-256 of nothing. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

async function likeliestFirst(
  files: readonly FoundFile[],
  wanted: readonly Wanted[],
  pause: Pacer,
): Promise<readonly FoundFile[]> {
  const inodes = new Set(wanted.map(({ ino }) => ino));
  const names = new Set(wanted.map(({ key }) => nodePath.posix.basename(key)));
  const likely: FoundFile[] = [];
  const others: FoundFile[] = [];
  for (const file of files) {
    const isLikely = inodes.has(file.ino) || names.has(nodePath.posix.basename(file.key));
    (isLikely ? likely : others).push(file);
    await pause();
  }
  return [...likely, ...others];
}

/** Contents to the files that hold them. A file that can't be read holds nothing that could be known. */
async function readContents(
  files: readonly FoundFile[],
  texts: ReadonlySet<string>,
  known: WeakMap<FoundFile, readonly string[]>,
  pause: Pacer,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, readonly FoundFile[]>> {
  const found = new Map<string, FoundFile[]>();
  let left = MAX_BYTES;
  for (const file of files) {
    const size = Number(file.size);
    if (size > left) continue;
    left -= size;
    let contents = known.get(file);
    if (contents === undefined) {
      const asText = size <= MAX_TEXT_BYTES && texts.has(nodePath.posix.extname(file.key));
      contents = await contentsOf(file.path, asText);
      known.set(file, contents);
    }
    for (const content of contents) {
      const same = found.get(content);
      if (same === undefined) found.set(content, [file]);
      else same.push(file);
    }
    await pause();
    signal?.throwIfAborted();
  }
  return found;
}

async function contentsOf(path: string, asText: boolean): Promise<readonly string[]> {
  try {
    const opened = openFile(path);
    if (opened.kind !== 'open') return [];
    try {
      if (!asText) return [(await hashFile(opened.fd)).sha256];
      const { bytes, sha256 } = await readVersion(opened.fd);
      return [sha256, `text:${await textSha256(bytes)}`];
    } finally {
      fs.closeSync(opened.fd);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return [];
  }
}

/** By which marks a file is known again, the best first: the same inode, the same name, nothing but its content. */
const MARKS: readonly ((file: { readonly key: string; readonly ino?: string | undefined }) => string | undefined)[] = [
  ({ ino }) => ino,
  ({ key }) => nodePath.posix.basename(key),
  () => '',
];

/** Gives each of the files that are gone, all of one content, a place of its own while there are any. */
async function assign(
  gone: readonly Wanted[],
  places: readonly FoundFile[],
  moved: Map<string, FoundFile>,
  pause: Pacer,
): Promise<void> {
  const used = new Set<FoundFile>();
  for (const mark of MARKS) {
    const free = Map.groupBy(places.filter((place) => !used.has(place)).reverse(), mark);
    for (const file of gone) {
      await pause();
      if (moved.has(file.key)) continue;
      const place = free.get(mark(file))?.pop();
      if (place === undefined) continue;
      used.add(place);
      moved.set(file.key, place);
    }
  }
}
