import { posix, win32 } from 'node:path';

/**
 * The absolute path that a call of an agent meant, whichever system the agent ran on: `C:\x` stays what it is even
 * where this runs on Linux. Undefined where the path is relative and the call's folder is not known.
 */
export function resolvePath(cwd: string | undefined, path: string): string | undefined {
  const plain = path.startsWith('file://') ? fromUri(path) : path;
  if (plain === undefined || plain === '' || plain.includes('\0')) return undefined;
  if (isWindows(plain)) return win32.normalize(plain);
  if (plain.startsWith('/')) return posix.normalize(plain);
  if (cwd === undefined) return undefined;
  const folder = cwd.startsWith('file://') ? fromUri(cwd) : cwd;
  if (folder === undefined || !isAbsolutePath(folder)) return undefined;
  return isWindows(folder) ? win32.resolve(folder, plain) : posix.resolve(folder, plain);
}

export function isAbsolutePath(path: string): boolean {
  return path.startsWith('/') || isWindows(path);
}

function isWindows(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path) || path.startsWith('\\\\');
}

function fromUri(uri: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(uri).pathname);
    return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
  } catch {
    // Not a URI after all: the path is not known, which the caller reports as such.
    return undefined;
  }
}
