import { type HookStamp, resolvePath, type ShellRead, shellReads, splitCommands, stampLine } from '../agents/index.ts';
import { createReadCache, normaliseText } from '../core/index.ts';
import { compare, isAtRest, isText, lookAt, stampNow, versionName } from './look.ts';
import { statChange } from './noteCall.ts';
import type { HookSession } from './session.ts';

/** A file that the session knew, and that is another one after a shell command. */
export interface ShellChange {
  /** Relative to the folder, or absolute. */
  readonly name: string;
  readonly change: 'changed' | 'deleted';
}

export interface ShellOptions {
  readonly session: HookSession;
  readonly script: string;
  /** Where it ran, absolute. */
  readonly folder: string;
  readonly printed: string;
  readonly callKey: string;
  /** ms since the epoch */
  readonly now: number;
}

/** So long at most the session's files are looked at, those that it met last first; the others are found at their next edit. */
const LOOK_MS = 25;
/** So many bytes at most are read for that. */
const LOOK_BYTES = 32 * 1024 * 1024;
/** So much of an output is looked through for lines of a file. */
const SHOWN_CHARS = 1024 * 1024;
/** Programs that change no file, whatever they are told (`sed`, `git` and `find` are looked at more closely). */
const READERS = new Set(
  'cat nl bat batcat head tail less more grep egrep fgrep rg ls wc echo printf cd pwd true stat file diff cut tr'.split(
    ' ',
  ),
);

/**
 * After a shell command: the files that it showed to the model are read, and those of the session that changed are
 * noticed. Which ones a command changes cannot be told before, so that this is news and no protection.
 */
export async function noteShell(options: ShellOptions): Promise<readonly ShellChange[]> {
  const { session, now, callKey } = options;
  const lines: string[] = [];
  const read = await readFiles(options);
  for (const stamp of read.values()) lines.push(stampLine(stamp));
  const changes: ShellChange[] = [];
  const cache = createReadCache(session.place.folder);
  const until = performance.now() + LOOK_MS;
  let bytes = LOOK_BYTES;
  for (const stamp of session.latest()) {
    if (performance.now() > until) break;
    if (read.has(stamp.path)) continue;
    const found = statChange(stamp);
    if (found === undefined) continue;
    const key = cache.key(stamp.path) ?? stamp.path;
    if (found.stat === undefined) {
      changes.push({ name: key, change: 'deleted' });
      lines.push(stampLine({ ...stamp, at: now, gone: callKey || 'shell' }));
      continue;
    }
    const version = versionName(found.stat);
    if (stamp.stale?.version === version) continue;
    bytes -= Number(found.stat.size);
    if (bytes < 0) break;
    if (await isSame(stamp)) continue;
    changes.push({ name: key, change: 'changed' });
    const { gone: _, ...kept } = stamp;
    lines.push(stampLine({ ...kept, stale: { via: 'shell', version } }));
  }
  session.append(lines);
  return changes;
}

/** False only for what is another version for certain: of some, a transcript tells no more than that they were read. */
async function isSame(stamp: HookStamp): Promise<boolean> {
  const look = await lookAt(stamp.path);
  if (look.kind === 'missing') return false;
  return (look.kind !== 'read' && look.kind !== 'big') || (await compare(stamp, look)) !== 'changed';
}

async function readFiles({
  session,
  script,
  folder,
  printed,
  now,
}: ShellOptions): Promise<ReadonlyMap<string, HookStamp>> {
  const found = new Map<string, HookStamp>();
  const cache = createReadCache(session.place.folder);
  const output = normaliseText(printed).trim();
  let lines: ReadonlySet<string> | undefined;
  const shows = (text: string): boolean => {
    lines ??= new Set(output.slice(0, SHOWN_CHARS).split('\n').flatMap(linesShown));
    return showsLines(lines, text);
  };
  const isCut = /…|\.\.\.|truncated|omitted/.test(output);
  const readsOnly = onlyReads(script);
  for (const read of shellReads(script)) {
    const at = read.folders.reduce((from, to) => resolvePath(from, to) ?? from, folder);
    const path = /[*?$`]/.test(read.path) ? undefined : resolvePath(at, read.path);
    const place = path === undefined ? undefined : cache.locate(path);
    if (place?.kind !== 'place' || found.has(place.path)) continue;
    const look = await lookAt(place.path);
    if (look.kind !== 'read') continue;
    const { version } = look;
    const text = isText(version) ? normaliseText(version.bytes).trim() : '';
    const isThere =
      output !== '' && text !== '' && (output.includes(text) || text.includes(output) || (isCut && shows(text)));
    // What a command shows alone, and shows otherwise than the file is now, was changed since.
    const slippedIn = read.alone !== undefined && isExact(read) && !isThere && !isAtRest(version, now);
    if (isThere || isAtRest(version, now) || (readsOnly && !slippedIn && output !== ''))
      found.set(place.path, await stampNow(place.path, look, now));
  }
  // A model that was denied an edit looks at the file by whatever command: shown is what stands in the output.
  for (const [path, denied] of output === '' ? [] : session.denials()) {
    const look = found.has(path) ? undefined : await lookAt(path);
    if (look?.kind !== 'read' || versionName(look.version.stat) !== denied || !isText(look.version)) continue;
    if (shows(normaliseText(look.version.bytes))) found.set(path, await stampNow(path, look, now));
  }
  return found;
}

/** A line that is shown may have a name, a number or a mark of a change before it. */
function linesShown(line: string): readonly string[] {
  return [line, line.slice(1), line.replace(/^\s*(?:[^\s:]+:)?\d*[:|\t-]?/, '')].map((each) => each.trim());
}

/** Some lines of the text that stand in no other are shown, as far as their length tells. */
function showsLines(shown: ReadonlySet<string>, text: string): boolean {
  const lines = new Set(text.split('\n').map((line) => line.trim()));
  lines.delete('');
  const long = [...lines].filter((line) => line.length >= 12);
  const telling = long.length > 0 ? long : [...lines];
  let missing = Math.min(3, telling.length);
  for (const line of telling) if (shown.has(line) && --missing === 0) return true;
  return false;
}

/** Its whole output is the file's text. */
function isExact(read: ShellRead): boolean {
  return read.full || read.alone?.lines !== undefined;
}

/** Nothing in the script can change a file, as far as its words tell. */
function onlyReads(script: string): boolean {
  return splitCommands(script).every(({ words: [name = '', ...args], redirects }) => {
    const program = name.split('/').at(-1) ?? '';
    if (redirects) return false;
    if (program === 'sed') return args.includes('-n') && !args.some((arg) => /^(?:-[a-z]*i|--in-place)/.test(arg));
    if (program === 'git') return /^(?:status|diff|log|show|grep|blame|ls-files)$/.test(args[0] ?? '');
    if (program === 'find') return !args.some((arg) => /^-(?:exec|ok|delete|fprint)/.test(arg));
    return READERS.has(program);
  });
}
