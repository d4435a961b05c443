import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AgentHome, Layout } from '../agent.ts';
import { pathOfUri, userFolders } from '../codeUser.ts';
import { fileState, insideOf, isSystemError, mapFew, namesIn } from '../files.ts';
import { createScanCache } from '../scan.ts';
import { parseObject, string } from '../shape.ts';
import { isUuid } from '../uuid.ts';

/** A chat of a workspace that VS Code has open as one folder. */
export interface ChatFile {
  readonly file: string;
  readonly sessionId: string;
  readonly cwd: string;
}

export function workspaceStorages(where: AgentHome): readonly string[] {
  return userFolders(where).map((user) => join(user, 'workspaceStorage'));
}

/** A mutation log, or one object. */
export function layout(transcript: string): Layout {
  return transcript.endsWith('.jsonl') ? { kind: 'lines' } : { kind: 'document', lists: ['requests'] };
}

const folders = createScanCache<{ readonly cwd: string | undefined }>();

/** The folder of a `workspaceStorage/<id>`; undefined for a multi-root workspace and a folder of another machine. */
async function folderOf(storage: string): Promise<string | undefined> {
  const file = join(storage, 'workspace.json');
  const state = await fileState(file);
  if (state === undefined) return undefined;
  return (await folders(file, state, async () => ({ cwd: workspaceFolder(await textOf(file)) }))).cwd;
}

/** Of the text of a `workspace.json`. */
export function workspaceFolder(text: string): string | undefined {
  const uri = string(parseObject(text)?.['folder']);
  return uri === undefined ? undefined : pathOfUri(uri);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}

/** The texts beside a chat that its reader needs: which folder it belongs to. */
export async function beside(transcript: string): Promise<ReadonlyMap<string, string>> {
  const text = await textOf(join(dirname(dirname(transcript)), 'workspace.json'));
  return new Map(text === '' ? [] : [['workspace.json', text]]);
}

/** The id in the name of a chat's file. */
export function chatId(file: string): string | undefined {
  const id = /^(.+)\.jsonl?$/.exec(basename(file))?.[1];
  return id !== undefined && isUuid(id) ? id : undefined;
}

/** Chats of workspaces that are `folder` (absolute) or inside it; chats of windows without a folder belong to none. */
export async function chatsOf(where: AgentHome, folder: string): Promise<readonly ChatFile[]> {
  const isInside = await insideOf(folder);
  const found = await mapFew(await storages(where), async (storage): Promise<readonly ChatFile[]> => {
    const cwd = await folderOf(storage);
    if (cwd === undefined || !(await isInside(cwd))) return [];
    return (await chatFiles(storage)).map((chat) => ({ ...chat, cwd }));
  });
  return found.flat();
}

async function storages(where: AgentHome): Promise<readonly string[]> {
  const all: string[] = [];
  for (const root of workspaceStorages(where)) all.push(...(await namesIn(root)).map((name) => join(root, name)));
  return all;
}

/** A chat that was kept as `.json` and goes on as `.jsonl` has both files: the newer form counts. */
async function chatFiles(storage: string): Promise<readonly Omit<ChatFile, 'cwd'>[]> {
  const chats = join(storage, 'chatSessions');
  const files = new Map<string, string>();
  for (const name of [...(await namesIn(chats))].sort()) {
    const sessionId = chatId(name);
    if (sessionId !== undefined) files.set(sessionId, join(chats, name));
  }
  return [...files].map(([sessionId, file]) => ({ sessionId, file }));
}

/**
 * Where a chat is written that a person opens with *Chat: Import Chat…*: VS Code knows its own chats by an index, and
 * keeps that in memory, so nothing is added to its folders.
 */
export function exportFile(where: AgentHome, id: string): string {
  return join(where.home, '.holdfast', 'copilot-chat', `${id}.json`);
}

/** A chat of ours that waits to be imported, or one of VS Code's, of any workspace. */
export async function transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined> {
  if (!isUuid(nativeId)) return undefined;
  const own = exportFile(where, nativeId);
  if ((await fileState(own)) !== undefined) return own;
  for (const storage of await storages(where)) {
    const found = (await chatFiles(storage)).find(({ sessionId }) => sessionId === nativeId);
    if (found !== undefined) return found.file;
  }
  return undefined;
}
