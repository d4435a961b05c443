import * as crypto from 'node:crypto';
import * as nodePath from 'node:path';
import { isAlive, thisMachine } from '../../store/lease/machine.ts';

/**
 * Names of the files that a write makes and removes. The tag, `<machine>-<pid>-<n>`, tells later whose they are; `<id>`
 * (`keys.ts`) which file of the workspace is meant:
 * - `.holdfast-<tag>.tmp`: new content, beside the target;
 * - `<tag>-<sha256>-<id>-<name>.new-<inode>`: new content about to change places with the target. As soon as another
 *   inode is found under that name, it is the displaced version;
 * - the same as `.old`: another name of the version about to be displaced, which has that hash (0 where it is to be kept); once the write is done,
 *   it is `.done` and lingers. Beside the target these begin with `.holdfast-`;
 * - `<time>-<tag>-<id>-<name>`: a version that is kept.
 */
const TAG = /^([0-9a-f]{8})-(\d+)-[0-9a-z]+$/;
const TEMPORARY = /^\.holdfast-([0-9a-f]{8}-\d+-[0-9a-z]+)\.tmp$/;
const DISPLACED =
  /^(?:\.holdfast-)?([0-9a-f]{8}-\d+-[0-9a-z]+)-([0-9a-f]{64})-([0-9a-f]{16})-(.*)\.(old|done|new-([0-9]+))$/s;
const KEPT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}-\d+-([0-9a-z]+)-([0-9a-f]{16})-(.*)$/s;

/** A living process on this machine holds its files for milliseconds; so old, its number belongs to another by now. */
const OLD_MS = 5 * 60_000;
const UNWRITTEN_MS = 2000;
/** Another machine's processes can't be asked. */
const OLD_ELSEWHERE_MS = 60 * 60_000;

/** A process may get the number of one that crashed, or load this module twice. */
const salt = crypto.randomInt(36 ** 5, 36 ** 6).toString(36);
let count = 0;
let known: string | undefined;

/** Where process numbers mean the same. */
function host(): string {
  known ??= crypto.hash('sha256', thisMachine()).slice(0, 8);
  return known;
}

/** A name part that no other process or call has. */
export function ownTag(): string {
  count++;
  return `${host()}-${process.pid}-${count.toString(36)}${salt}`;
}

/** True when the process that made this tag can't be at work any more. `age` is that of its file, ms. */
export function isAbandoned(tag: string, age: number): boolean {
  const [, madeOn, pid] = TAG.exec(tag) ?? [];
  // Not a tag yet: a lock whose process died between creating it and writing into it.
  if (madeOn === undefined || pid === undefined) return age > UNWRITTEN_MS;
  if (madeOn !== host()) return age > OLD_ELSEWHERE_MS;
  return age > OLD_MS || !isAlive(Number(pid));
}

export function temporaryName(): string {
  return `.holdfast-${ownTag()}.tmp`;
}

/** The tag of a temporary file; undefined when it is none. */
export function tagOfTemporary(name: string): string | undefined {
  return TEMPORARY.exec(name)?.[1];
}

/** In the place of a hash: a version that is kept whatever it is, since only its writer's force has let it be replaced. */
export const KEPT_ANYWAY = '0'.repeat(64);

/** What the name of a version that is about to be displaced, or was, says. */
export interface DisplacedName {
  readonly tag: string;
  /** Of the version that its writer had compared, or `KEPT_ANYWAY`. */
  readonly sha256: string;
  readonly id: string;
  readonly name: string;
  /** The inode is that of the new content. */
  readonly state: 'old' | 'done' | { readonly newIno: string };
}

export function displacedName(
  of: { sha256: string; id: string; path: string },
  state: 'old' | `new-${bigint}`,
): string {
  return `${ownTag()}-${of.sha256}-${of.id}-${shortName(of.path)}.${state}`;
}

export function readDisplacedName(file: string): DisplacedName | undefined {
  const [, tag, sha256, id, name, state, newIno] = DISPLACED.exec(file) ?? [];
  if (tag === undefined || sha256 === undefined || id === undefined || name === undefined) return undefined;
  return {
    tag,
    sha256,
    id,
    name,
    state: newIno !== undefined ? { newIno } : state === 'done' ? 'done' : 'old',
  };
}

/** The name of a version that must not be lost: findable by time (to the second) and by the file's own name. */
export function keptName(of: { id: string; path: string }, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${time}-${ownTag()}-${of.id}-${shortName(of.path)}`;
}

export interface KeptName {
  /** ms since the epoch */
  readonly at: number;
  /** Of several in one second of one process: the later has the higher. */
  readonly order: number;
  readonly id: string;
  readonly name: string;
}

export function readKeptName(file: string): KeptName | undefined {
  const [, year, month, day, hour, minute, second, order = '', id, name] = KEPT.exec(file) ?? [];
  if (id === undefined || name === undefined) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : { at, order: Number.parseInt(order, 36), id, name };
}

/** The end of a file's name, short enough to get more around it. */
function shortName(path: string): string {
  return Buffer.from(nodePath.basename(path)).subarray(-80).toString('utf8').replaceAll('\uFFFD', '');
}
