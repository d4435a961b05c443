import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { basename, dirname, join, posix, win32 } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { headOf, isSystemError, mapFew, namesIn, realPath, withFile } from '../files.ts';
import { object, parseObject } from '../shape.ts';

/** In a project's folder: the path of the folder that its sessions belong to. */
export const PROJECT_ROOT = '.project_root';
const SESSION = /^session-.+\.jsonl?$/;

export function geminiFolder(where: AgentHome): string {
  return join(where.env?.['GEMINI_CLI_HOME'] || where.home, '.gemini');
}

/** Holds a folder per project, named by a slug, or (up to 0.19) by the hash of its path. */
export function projectsFolder(where: AgentHome): string {
  return join(geminiFolder(where), 'tmp');
}

export function isSessionName(name: string): boolean {
  return SESSION.test(name);
}

export function rootHash(root: string): string {
  return createHash('sha256').update(root).digest('hex');
}

/** As Gemini makes them of the last name of a path, of whichever system. */
export function slugOf(root: string): string {
  const name = (/^[A-Za-z]:[\\/]|^\\\\/.test(root) ? win32 : posix).basename(root);
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '');
  return slug || 'project';
}

/** Folders of one project, absolute; `root` is absent where only a slug tells whose it is. */
export interface ProjectFolder {
  readonly path: string;
  readonly root?: string;
}

/** Every project, with the root that its marker, or else `projects.json`, names. */
export async function projectFolders(where: AgentHome): Promise<readonly ProjectFolder[]> {
  const tmp = projectsFolder(where);
  const roots = new Map([...(await registered(where))].map(([root, slug]) => [slug, root]));
  return mapFew(await namesIn(tmp), async (name) => {
    const path = join(tmp, name);
    const root = (await markerOf(path)) ?? roots.get(name);
    return root === undefined ? { path } : { path, root };
  });
}

/** The text of a project's `.project_root`. */
async function markerOf(project: string): Promise<string | undefined> {
  const text = await withFile(join(project, PROJECT_ROOT), (handle) => headOf(handle, 16 * 1024));
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/** Slugs by the paths of their folders, as `projects.json` has them; a file that tells nothing has none. */
async function registered(where: AgentHome): Promise<ReadonlyMap<string, string>> {
  try {
    const projects = object(
      parseObject(await readFile(join(geminiFolder(where), 'projects.json'), 'utf8'))?.['projects'],
    );
    return new Map(
      Object.entries(projects ?? {}).flatMap(([root, slug]): [string, string][] =>
        typeof slug === 'string' && /^[a-z0-9-]+$/.test(slug) ? [[root, slug]] : [],
      ),
    );
  } catch (error) {
    if (isSystemError(error)) return new Map();
    throw error;
  }
}

/** Session files below a project; those of sub-agents lie one folder deeper. */
export async function sessionFiles(project: string): Promise<readonly string[]> {
  const chats = join(project, 'chats');
  return (await namesIn(chats)).filter(isSessionName).map((name) => join(chats, name));
}

/** Windows has no cases in paths, and Gemini writes them in small letters there. */
export function samePath(a: string, b: string): boolean {
  return process.platform === 'win32' ? a.toLowerCase() === b.toLowerCase() : a === b;
}

/** As Gemini names the root of a project: in `.project_root`, and hashed as `projectHash`. */
export async function projectRoot(folder: string): Promise<string> {
  return realPath(folder);
}

/**
 * Where Gemini looks for the sessions of a folder: the project that is its already, else a new one, marked as its own.
 * Gemini itself finds a project by its marker, and enters it in `projects.json` at its next start.
 */
export async function chatsFolder(where: AgentHome, folder: string): Promise<string> {
  const root = await projectRoot(folder);
  const own = process.platform === 'win32' ? root.toLowerCase() : root;
  const projects = await projectFolders(where);
  const slugs = await registered(where);
  const slug = slugs.get(own);
  const marked = projects.filter((project) => project.root !== undefined && samePath(project.root, own));
  // What is registered counts first, unless its marker names another folder.
  const known = marked.find(({ path }) => basename(path) === slug) ?? marked[0];
  if (known !== undefined) return join(known.path, 'chats');
  if (slug !== undefined && !projects.some(({ path }) => basename(path) === slug))
    return join(projectsFolder(where), slug, 'chats');
  const taken = new Set(slugs.values());
  for (let counter = 0; ; counter += 1) {
    const candidate = counter === 0 ? slugOf(root) : `${slugOf(root)}-${counter}`;
    if (!taken.has(candidate) && (await claim(join(projectsFolder(where), candidate), own)))
      return join(projectsFolder(where), candidate, 'chats');
  }
}

/** Marks a project's folder; false where it is another's. */
async function claim(project: string, root: string): Promise<boolean> {
  await mkdir(project, { recursive: true, mode: 0o700 });
  try {
    const handle = await open(join(project, PROJECT_ROOT), 'wx', 0o600);
    try {
      await handle.writeFile(root);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
    return samePath((await markerOf(project)) ?? '', root);
  }
}

/** What a reader needs beside the transcript: the root of its project. */
export async function readBeside(transcript: string): Promise<ReadonlyMap<string, string>> {
  const root = await markerOf(dirname(dirname(transcript)));
  return root === undefined ? new Map() : new Map([[PROJECT_ROOT, root]]);
}

/**
 * The name of a session that we write. Gemini names its own `session-<minute>-<first 8 of the id>.jsonl`, leaves a second,
 * empty file of that form behind when it resumes one in a later minute, and removes at its next start every file that ends
 * like it, the whole conversation included (0.51 to 0.61). So ours ends in the last 8 of its id; the first 8 stay in it,
 * since by them Gemini knows the session that it is in.
 */
export function sessionName(id: string, now: number): string {
  const minute = new Date(now).toISOString().slice(0, 16).replaceAll(':', '-');
  return `session-${minute}-${id.slice(0, 8)}-${id.slice(-8)}.jsonl`;
}

/** A version 4 UUID: those with a time in front would share their first 8 digits, by which Gemini deletes. */
export function newId(_ms: number, hash: string): string {
  const variant = '89ab'[Number.parseInt(hash.charAt(16), 16) % 4];
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
