import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { foldName, keyUnder, tidyAbsolute } from './paths.ts';

/** The questions that finding a file's one key puts to a disk; an argument, so that other disks can be played in tests. */
export interface Disk {
  lstat(path: string): { readonly ino: bigint; readonly dev: bigint; isSymbolicLink(): boolean } | undefined;
  /** Throws with the system's code. */
  realpath(path: string): string;
  readdir(path: string): readonly string[];
  readlink(path: string): string;
}

export const localDisk: Disk = {
  lstat: (path) => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  realpath: (path) => fs.realpathSync.native(path),
  readdir: (path) => fs.readdirSync(path),
  readlink: (path) => fs.readlinkSync(path),
};

/** Where a path leads. `path` is real: no symlinks, and names spelled as the disk spells them. */
export type Place =
  | {
      readonly kind: 'place';
      readonly key: string;
      readonly path: string;
      readonly outside: boolean;
      /** The disk takes other spellings of the name for the same file. */
      readonly insensitive: boolean;
      /** The path as it was asked for, relative to the folder, where a symlink below the folder is on the way. */
      readonly via?: string;
    }
  /** `code` is the system's (ELOOP, ENAMETOOLONG, EACCES, ...), EINVAL for an empty path or one with a NUL. */
  | { readonly kind: 'nowhere'; readonly path: string; readonly code: string; readonly message: string };

export interface Locator {
  /** The folder's real path. */
  readonly root: string;
  locate(path: string): Place;
}

const MAX_LINKS = 40;

/** Finds the one key of a file, however its path is spelled. Relative paths start at `folder`. */
export function createLocator(folder: string, disk: Disk = localDisk): Locator {
  // Whether a folder's names are insensitive to case; on ext4 this is a property of each folder.
  const insensitiveFolders = new Map<string, boolean>();

  /** The real path of the deepest ancestor that exists, and the names below it that do not. */
  function resolveLinks(path: string, links = 0): { existing: string; rest: readonly string[] } {
    const rest: string[] = [];
    for (let at = path; ; ) {
      try {
        return { existing: disk.realpath(at), rest };
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
        if (code === 'ENOENT' && disk.lstat(at)?.isSymbolicLink() === true) {
          // A link to nothing: a write would create its target, so the target is the file.
          if (links === MAX_LINKS) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
          return resolveLinks(nodePath.resolve(nodePath.dirname(at), disk.readlink(at), ...rest), links + 1);
        }
        const parent = nodePath.dirname(at);
        if (parent === at) return { existing: at, rest };
        rest.unshift(nodePath.basename(at));
        at = parent;
      }
    }
  }

  /** The name in `folder` as the disk spells it. */
  function diskName(parent: string, name: string): string {
    const others: string[] = [];
    if (insensitiveFolders.get(parent) !== false) others.push(flipCase(name));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: any name outside ASCII may have two normal forms
    if (/[^\u0000-\u007F]/.test(name)) others.push(name.normalize('NFC'), name.normalize('NFD'));
    const candidates = others.filter((other) => other !== name);
    if (candidates.length === 0) return name;
    const self = disk.lstat(nodePath.join(parent, name));
    const isSame = (other: string): boolean => {
      const found = disk.lstat(nodePath.join(parent, other));
      return found !== undefined && found.ino === self?.ino && found.dev === self.dev;
    };
    const flipped = candidates[0] === flipCase(name) ? isSame(candidates[0]) : undefined;
    if (flipped !== undefined) insensitiveFolders.set(parent, flipped);
    if (flipped !== true && !candidates.some(isSame)) return name;
    // A folder that may be passed but not listed keeps the spelling it was asked by.
    const names = listIfAllowed(disk, parent);
    if (names.includes(name)) return name;
    return names.find((other) => foldName(other) === foldName(name)) ?? name;
  }

  function canonical(path: string): { path: string; insensitive: boolean } {
    const { existing, rest } = resolveLinks(tidyAbsolute(path));
    const { root, names } = split(existing);
    let at = root;
    for (const name of names) at = nodePath.join(at, diskName(at, name));
    const parent = rest.length === 0 ? nodePath.dirname(at) : at;
    return { path: nodePath.join(at, ...rest), insensitive: insensitiveFolders.get(parent) === true };
  }

  const start = nodePath.resolve(folder);
  const root = canonical(start).path;

  /** Undefined where the path differs from the real one in its spelling alone. */
  function linkedKey(asked: string, real: string): string | undefined {
    const key = keyUnder(start, asked) ?? keyUnder(root, asked);
    if (key === undefined || nodePath.join(root, key) === real) return undefined;
    let at = root;
    for (const name of key.split('/')) {
      at = nodePath.join(at, name);
      if (disk.lstat(at)?.isSymbolicLink() === true) return key;
    }
    return undefined;
  }

  return {
    root,
    locate(path) {
      if (path === '' || path.includes('\0')) {
        return { kind: 'nowhere', path, code: 'EINVAL', message: 'invalid path' };
      }
      try {
        const asked = nodePath.resolve(start, path);
        const found = canonical(asked);
        const key = keyUnder(root, found.path);
        const via = asked === found.path ? undefined : linkedKey(asked, found.path);
        return {
          kind: 'place',
          key: key ?? found.path,
          path: found.path,
          outside: key === undefined,
          insensitive: found.insensitive,
          ...(via === undefined ? {} : { via }),
        };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === undefined) throw error;
        return { kind: 'nowhere', path, code, message };
      }
    },
  };
}

function listIfAllowed(disk: Disk, folder: string): readonly string[] {
  try {
    return disk.readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM') return [];
    throw error;
  }
}

function split(path: string): { root: string; names: readonly string[] } {
  const { root } = nodePath.parse(path);
  return { root, names: path.slice(root.length).split(nodePath.sep).filter(Boolean) };
}

function flipCase(name: string): string {
  const upper = name.toUpperCase();
  return name === upper ? name.toLowerCase() : upper;
}
