import fs from 'node:fs';
import path from 'node:path';
import {
  DENIAL_START,
  type HookKnowledge,
  type HookPlace,
  type HookStamp,
  hookFile,
  hookPlace,
  KNOWLEDGE_START,
  parseDenial,
  parseKnowledge,
  parseStamp,
  stampLine,
  stampStart,
  stampsOf,
} from '../agents/index.ts';
import type { HookCall } from './payload.ts';

/** What the hooks have seen of one session, on disk. Nothing is made before something is to be kept. */
export interface HookSession {
  readonly place: HookPlace;
  find(path: string): HookStamp | undefined;
  /** The files, those that were recorded last first; each is read when it is asked for. */
  latest(): Iterable<HookStamp>;
  knowledge(): HookKnowledge | undefined;
  /** The versions of files that were not to be changed when that was denied last. */
  denials(): ReadonlyMap<string, string>;
  /** Records, all in one write: hooks that run beside this one may write at the same time. */
  append(records: readonly string[]): void;
  /** Writes the file anew where most of its records are no longer the last of their file. */
  compact(): void;
}

/** A file below this size is left as it is. */
const COMPACT_BYTES = 512 * 1024;
/** A disk whose files have no lasting numbers would be written to for ever. */
const TRIES = 3;
/** So long nobody takes to write a file anew. */
const ABANDONED_MS = 60_000;
/** More is not what hooks wrote. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Undefined for an id that is none. */
export function openSession(call: HookCall, home: string): HookSession | undefined {
  const place = hookPlace(call.folder, home);
  const target = hookFile(place.current, call.agent, call.nativeId);
  if (target === undefined) return undefined;
  const files = place.all.map((folder) => hookFile(folder, call.agent, call.nativeId) as string);
  let known: Buffer | undefined;
  const bytes = (): Buffer => {
    known ??= joined(files.map(readIfThere));
    return known;
  };

  /** The last record that begins so and can be read. */
  const last = <T>(start: string, parse: (line: string) => T | undefined): T | undefined => {
    const all = bytes();
    for (let at = all.length; at > 0; ) {
      at = all.lastIndexOf(start, at - 1);
      if (at === -1) return undefined;
      const end = all.indexOf('\n', at + 1);
      const found = parse(all.toString('utf8', at + 1, end === -1 ? all.length : end));
      if (found !== undefined) return found;
    }
    return undefined;
  };

  return {
    place,
    find: (file) => last(stampStart(file), parseStamp),
    *latest() {
      const all = bytes();
      const seen = new Set<string>();
      for (let to = all.length; to > 0; ) {
        const from = all.lastIndexOf('\n', to - 1);
        const stamp = parseStamp(all.toString('utf8', from + 1, to));
        to = from;
        if (stamp === undefined || seen.has(stamp.path)) continue;
        seen.add(stamp.path);
        yield stamp;
      }
    },
    knowledge: () => last(KNOWLEDGE_START, parseKnowledge),
    denials() {
      const all = bytes();
      const found = new Map<string, string>();
      for (let at = all.indexOf(DENIAL_START); at !== -1; at = all.indexOf(DENIAL_START, at + 1)) {
        const end = all.indexOf('\n', at + 1);
        const denial = parseDenial(all.toString('utf8', at + 1, end === -1 ? all.length : end));
        if (denial !== undefined) found.set(denial.path, denial.version);
      }
      return found;
    },
    append(records) {
      if (records.length === 0) return;
      const text = records.join('');
      append(target, text);
      known = joined([bytes(), Buffer.from(text)]);
    },
    compact() {
      if ((fs.lstatSync(target, { throwIfNoEntry: false })?.size ?? 0) < COMPACT_BYTES) return;
      replace(target, (old) => {
        const text = old.toString('utf8');
        const records = [...stampsOf(text).values()].map(stampLine);
        const knowledge = text.split('\n').findLast((line) => parseKnowledge(line) !== undefined);
        const kept = `${knowledge === undefined ? '' : `\n${knowledge}`}${records.join('')}`;
        return kept.length * 2 < text.length ? kept : undefined;
      });
    },
  };
}

/** Without a copy where there is but one. */
function joined(parts: readonly Buffer[]): Buffer {
  const full = parts.filter(({ length }) => length > 0);
  return full.length === 1 ? (full[0] as Buffer) : Buffer.concat(full);
}

/** Small enough to be one write, which the system does not mix with another one. */
export function append(file: string, text: string): void {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  const open = () => fs.openSync(file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o600);
  for (let tries = 0; tries < TRIES; tries++) {
    let fd: number;
    try {
      fd = open();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      fd = open();
    }
    try {
      const { ino } = fs.fstatSync(fd);
      fs.writeSync(fd, text);
      // A hook beside this one may have written the file anew meanwhile: then it is written into that.
      if (fs.lstatSync(file, { throwIfNoEntry: false })?.ino === ino) return;
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** Writes a file anew from what it holds, unless another hook is just doing that, or `renewed` sees no need. */
function replace(file: string, renewed: (old: Buffer) => string | undefined): void {
  const fresh = `${file}.new`;
  if (Date.now() - (fs.lstatSync(fresh, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > ABANDONED_MS)
    fs.rmSync(fresh, { force: true });
  let writing: number;
  try {
    writing = fs.openSync(fresh, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  let old: number | undefined;
  let renamed = false;
  try {
    old = openForReading(file);
    const before = old === undefined ? Buffer.alloc(0) : readOpen(old);
    const text = renewed(before);
    if (old === undefined || text === undefined) return;
    fs.writeFileSync(writing, text);
    // What came since is left to the next time; what comes between this look and the rename is taken over.
    if (fs.fstatSync(old).size !== before.length) return;
    fs.renameSync(fresh, file);
    renamed = true;
    const { size } = fs.fstatSync(old);
    if (size <= before.length) return;
    const tail = Buffer.alloc(size - before.length);
    fs.readSync(old, tail, 0, tail.length, before.length);
    append(file, tail.toString('utf8'));
  } finally {
    fs.closeSync(writing);
    if (old !== undefined) fs.closeSync(old);
    if (!renamed) fs.rmSync(fresh, { force: true });
  }
}

function readIfThere(file: string): Buffer {
  const fd = openForReading(file);
  if (fd === undefined) return Buffer.alloc(0);
  try {
    return readOpen(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Neither follows a link nor waits for a pipe: the folder may have come from anywhere. */
function openForReading(file: string): number | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  try {
    return fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}

function readOpen(fd: number): Buffer {
  const found = fs.fstatSync(fd);
  return !found.isFile() || found.size > MAX_BYTES ? Buffer.alloc(0) : fs.readFileSync(fd);
}
