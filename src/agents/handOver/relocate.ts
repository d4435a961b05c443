import { join, posix, relative, sep, win32 } from 'node:path';
import { isAbsolutePath, resolvePath } from '../paths.ts';
import type { NeutralCall } from './neutralCall.ts';

/** The workspace folder, absolute: as the history names it (absent: not recorded), and where it is now. */
export interface Folders {
  readonly from?: string;
  readonly to: string;
}

/** The path here of what a call meant, absolute; one outside of the folder stays what it is. */
export function pathHere(path: string, { from, to }: Folders): string {
  const meant = resolvePath(from, path);
  if (meant === undefined) return resolvePath(to, path) ?? path;
  const inside = from === undefined ? undefined : wayFrom(from, meant);
  return inside === undefined ? meant : inside === '' ? to : join(to, ...inside.split('/'));
}

/** The way from the folder to the path with `/`; undefined where that leads out of it. Both may be of any system. */
function wayFrom(folder: string, path: string): string | undefined {
  const isWindows = !folder.startsWith('/');
  const way = isWindows ? win32.relative(folder, path).replaceAll('\\', '/') : posix.relative(folder, path);
  return way === '..' || way.startsWith('../') || isAbsolutePath(way) ? undefined : way;
}

/** The call with its paths as they are here. Patches name files from the folder on: `fromFolder` asks for that. */
export function relocated(call: NeutralCall, folders: Folders | undefined, fromFolder: boolean): NeutralCall {
  if (folders === undefined) return call;
  if (call.kind === 'shell') {
    const { cwd, ...rest } = call;
    const here = cwd === undefined ? undefined : pathHere(cwd, folders);
    return here === undefined || here === folders.to ? rest : { ...rest, cwd: here };
  }
  const here = pathHere(call.path, folders);
  const way = relative(folders.to, here);
  const isInside = way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolutePath(way);
  return { ...call, path: fromFolder && isInside && isAbsolutePath(here) ? way.replaceAll(sep, '/') : here };
}
