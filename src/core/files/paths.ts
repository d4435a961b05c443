import * as nodePath from 'node:path';

/** The path rules to use; an argument, so that Windows' rules can be tested anywhere. */
export type Platform = 'posix' | 'win32';

export const thisPlatform: Platform = process.platform === 'win32' ? 'win32' : 'posix';

/**
 * True for a key that names a place in the folder by its spelling alone: relative, `/` between names, no `.`, `..` or
 * empty name, no NUL, and on Windows no `\`, drive or stream.
 */
export function isPlainKey(key: string, platform: Platform = thisPlatform): boolean {
  if (key === '' || key.includes('\0')) return false;
  if (platform === 'win32' && /[\\:]/.test(key)) return false;
  // One regular expression instead of a split: a sweep asks this 10,000 times.
  return !/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(key);
}

/** The key of an absolute path under `root`: relative with `/`, `.` for the root itself, undefined outside. */
export function keyUnder(root: string, path: string, platform: Platform = thisPlatform): string | undefined {
  const rules = platform === 'win32' ? nodePath.win32 : nodePath.posix;
  const relative = rules.relative(root, path);
  if (relative === '') return '.';
  if (relative === '..' || relative.startsWith(`..${rules.sep}`) || rules.isAbsolute(relative)) return undefined;
  return platform === 'win32' ? relative.replaceAll('\\', '/') : relative;
}

/** An absolute path in one spelling: no `.` or `..`, on Windows a capital drive letter, `\`, and no `\\?\` before a drive. */
export function tidyAbsolute(path: string, platform: Platform = thisPlatform): string {
  if (platform === 'posix') return nodePath.posix.resolve('/', path);
  const plain = path.replaceAll('/', '\\').replace(/^\\\\\?\\(?=[A-Za-z]:)/, '');
  const tidy = nodePath.win32.normalize(plain).replace(/^[a-z]:/, (drive) => drive.toUpperCase());
  return /^[A-Z]:\\$/.test(tidy) ? tidy : tidy.replace(/\\+$/, '');
}

/** The rules that an absolute path from any machine follows; undefined when it is not absolute by either. */
export function platformOf(path: string): Platform | undefined {
  if (path.startsWith('/')) return 'posix';
  return /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path) ? 'win32' : undefined;
}

/** A path recorded on another machine below `from`, as a key below the folder that stands for it here. */
export function keyFromElsewhere(path: string, from: string): string | undefined {
  const platform = platformOf(from);
  if (platform === undefined || platformOf(path) !== platform) return undefined;
  return keyUnder(tidyAbsolute(from, platform), tidyAbsolute(path, platform), platform);
}

/**
 * True for a path inside a repository's own folder, at any depth (submodules), whatever the spelling that a
 * case-insensitive disk or Windows (trailing dots, streams) would take for `.git`.
 */
export function isInGit(key: string): boolean {
  return key.split('/').some((name) => (name.split(':', 1)[0] ?? '').replace(/[. ]+$/, '').toLowerCase() === '.git');
}

/** Names that a case-insensitive, normalising disk takes for one. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
