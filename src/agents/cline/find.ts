import { basename, join } from 'node:path';
import type { AgentHome, AgentId, LiveSession } from '../agent.ts';
import { type FileState, fileState, headOf, insideOf, mapFew, namesIn, withFile } from '../files.ts';
import { createScanCache } from '../scan.ts';
import { isoTime, type JsonObject, optional, parseObject, string, words } from '../shape.ts';
import { itemKnown, type Known, manifestKnown, parsedList, textOf } from './beside.ts';
import { isSessionId, sessionFiles, sessionsFolder, taskFolders, taskStores } from './places.ts';

const HEAD_BYTES = 256 * 1024;

/** Sessions and tasks of Cline whose folder is `folder` or inside it, newest change first. */
export async function findSessions(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const found = [...(await sessions(where)), ...(await tasks('cline', await taskStores(where), listedItem))];
  return ofFolder(found, folder);
}

/** Those of a folder, each id once: a task that goes on as a session keeps its id. */
export async function ofFolder(found: readonly LiveSession[], folder: string): Promise<readonly LiveSession[]> {
  const isInside = await insideOf(folder);
  const newest = new Map<string, LiveSession>();
  for (const session of found) {
    if (!(await isInside(session.cwd))) continue;
    const other = newest.get(session.nativeId);
    if (other === undefined || other.changedAt < session.changedAt) newest.set(session.nativeId, session);
  }
  return [...newest.values()].sort((a, b) => b.changedAt - a.changedAt);
}

async function sessions(where: AgentHome): Promise<readonly LiveSession[]> {
  const ids = (await namesIn(sessionsFolder(where))).filter(isSessionId);
  const found = await mapFew(ids, async (id): Promise<LiveSession | undefined> => {
    const files = sessionFiles(where, id);
    const state = await fileState(files.messages);
    const manifest = await fileState(files.manifest);
    if (state === undefined || manifest === undefined) return undefined;
    const known = await manifests(files.manifest, manifest, () => readManifest(files.manifest));
    if (known?.cwd === undefined) return undefined;
    return {
      ...live('cline', id, files.messages, state, known.cwd),
      ...optional('createdAt', known.createdAt),
      ...optional('title', known.title),
      ...optional('model', known.model),
      ...optional('version', known.version),
      ...optional('forkedFrom', known.forkedFrom),
    };
  });
  return found.filter((session) => session !== undefined);
}

const manifests = createScanCache<Known | undefined>();

async function readManifest(file: string): Promise<Known | undefined> {
  const manifest = parseObject((await textOf(file)) ?? '');
  return manifest === undefined ? undefined : manifestKnown(manifest);
}

function live(agent: AgentId, nativeId: string, transcript: string, state: FileState, cwd: string): LiveSession {
  return { agent, nativeId, transcript, bytes: state.size, changedAt: state.mtimeMs, cwd, problems: [] };
}

/** What an agent noted of a task; `listed` is what the store's own list says of it. */
export type ItemOf = (task: string, listed: JsonObject | undefined) => Promise<JsonObject | undefined>;

const listedItem: ItemOf = async (_task, listed) => listed;

/** The tasks of all stores, whatever folder they belong to. */
export async function tasks(
  agent: AgentId,
  stores: readonly string[],
  itemOf: ItemOf,
): Promise<readonly LiveSession[]> {
  const found = await mapFew(stores, async (store) => {
    const folders = await taskFolders(store);
    if (folders.length === 0) return [];
    const listed = await listOf(store);
    return mapFew(folders, async (folder): Promise<LiveSession | undefined> => {
      const id = basename(folder);
      const transcript = join(folder, 'api_conversation_history.json');
      const state = await fileState(transcript);
      if (state === undefined) return undefined;
      const item = await itemOf(folder, listed.get(id));
      const { cwd = await heads(transcript, state, () => headFolder(transcript)), title } = itemKnown(item);
      if (cwd === undefined) return undefined;
      return {
        ...live(agent, id, transcript, state, cwd),
        ...optional('createdAt', /^\d{13}$/.test(id) ? isoTime(Number(id)) : undefined),
        ...optional('title', title),
        ...optional('model', words(item?.['modelId'])),
      };
    });
  });
  return found.flat().filter((session) => session !== undefined);
}

const lists = createScanCache<ReadonlyMap<string, JsonObject>>();

/** Of `state/taskHistory.json` (Cline) or `tasks/_index.json` (Roo Code), by id. */
async function listOf(store: string): Promise<ReadonlyMap<string, JsonObject>> {
  const items = new Map<string, JsonObject>();
  for (const file of [join(store, 'state', 'taskHistory.json'), join(store, 'tasks', '_index.json')]) {
    const state = await fileState(file);
    if (state === undefined) continue;
    const found = await lists(file, state, async () => byId(parsedList((await textOf(file)) ?? '')));
    for (const [id, item] of found) items.set(id, item);
  }
  return items;
}

function byId(items: readonly JsonObject[]): ReadonlyMap<string, JsonObject> {
  return new Map(
    items.flatMap((item) => (string(item['id']) === undefined ? [] : [[string(item['id']) as string, item]])),
  );
}

const heads = createScanCache<string | undefined>();

/** A task that no list knows tells its folder with the first prompt. */
async function headFolder(file: string): Promise<string | undefined> {
  return withFile(file, async (handle) => {
    const head = await headOf(handle, HEAD_BYTES);
    const shown = /# Current (?:Working|Workspace) Directory \(((?:[^)"\\]|\\.){1,4096})\)/.exec(head)?.[1];
    return shown === undefined ? undefined : string(parseObject(`{"v":"${shown}"}`)?.['v']);
  });
}
