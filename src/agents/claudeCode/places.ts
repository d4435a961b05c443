import { join } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { fileState, namesIn, realPath } from '../files.ts';
import { isUuid } from '../uuid.ts';

/** Beyond it Claude Code cuts the name and adds a hash, which the CLI and its SDK compute differently. */
const MAX_SLUG = 200;

export function configFolder(where: AgentHome): string {
  return where.env?.['CLAUDE_CONFIG_DIR'] || join(where.home, '.claude');
}

export function projectsFolder(where: AgentHome): string {
  return join(configFolder(where), 'projects');
}

/** The name of the folder of a workspace's transcripts, uncut: every character outside [A-Za-z0-9] is a dash. */
export async function slugOf(folder: string): Promise<string> {
  return slug(await realPath(folder));
}

function slug(path: string): string {
  return path.normalize('NFC').replace(/[^A-Za-z0-9]/g, '-');
}

/** Absolute paths of the project folders that may hold transcripts of `folder`: other folders can share the name. */
export async function projectFolders(where: AgentHome, folder: string): Promise<readonly string[]> {
  const projects = projectsFolder(where);
  const wanted = [...new Set([await slugOf(folder), slug(folder)])].map((name) => name.toLowerCase());
  const names = await namesIn(projects);
  return names
    .filter((name) => wanted.some((one) => isFolderOf(name.toLowerCase(), one)))
    .map((name) => join(projects, name));
}

function isFolderOf(name: string, wanted: string): boolean {
  if (wanted.length <= MAX_SLUG) return name === wanted;
  return name === wanted || (name.startsWith(wanted.slice(0, MAX_SLUG)) && name.length <= MAX_SLUG + 20);
}

/** Claude Code finds a session by its id in any project folder (AGENT-CLIS 3). */
export async function transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined> {
  if (!isUuid(nativeId)) return undefined;
  const projects = projectsFolder(where);
  for (const name of await namesIn(projects)) {
    const file = join(projects, name, `${nativeId}.jsonl`);
    if ((await fileState(file)) !== undefined) return file;
  }
  return undefined;
}

/** Where a new transcript of `folder` belongs. For a name that is too long, the folder that is there already. */
export async function projectFolder(where: AgentHome, folder: string): Promise<string> {
  const name = await slugOf(folder);
  if (name.length <= MAX_SLUG) return join(projectsFolder(where), name);
  const [known] = await projectFolders(where, folder);
  return known ?? join(projectsFolder(where), `${name.slice(0, MAX_SLUG)}-${cutHash(await realPath(folder))}`);
}

/** The 32-bit string hash of the agent's SDK (`sessions.py`). The CLI finds a session by id in any project folder. */
function cutHash(path: string): string {
  let hash = 0;
  for (const char of path.normalize('NFC')) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) | 0;
  return Math.abs(hash).toString(36);
}
