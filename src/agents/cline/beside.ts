import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sumUsage, type Usage } from '../../core/index.ts';
import { fileState, isSystemError } from '../files.ts';
import { count, isoTime, type JsonObject, list, number, object, parseObject, string, time, words } from '../shape.ts';
import { uiUsage } from './uiRecord.ts';

/** A task's view repeats all that was said: one that is longer is not worth its tokens. */
const MAX_VIEW_BYTES = 1024 * 1024;
const MAX_BYTES = 16 * 1024 * 1024;

/** What files beside a transcript tell of it; all of it is the agent's own notes. */
export interface Known {
  readonly nativeId: string | undefined;
  readonly cwd: string | undefined;
  readonly title: string | undefined;
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly mode: string | undefined;
  readonly version: string | undefined;
  readonly createdAt: string | undefined;
  readonly updatedAt: string | undefined;
  readonly branch: string | undefined;
  readonly forkedFrom: string | undefined;
  readonly tokens: Usage | undefined;
  /** US dollars */
  readonly cost: number | undefined;
  readonly filesInContext: readonly { readonly path: string; readonly op: 'read' | 'edit'; readonly at?: string }[];
}

const SESSION = '.messages.json';

/** The task's or session's id in its path: the name of its folder. */
export function idIn(transcript: string): string | undefined {
  const name = basename(transcript);
  if (name.endsWith(SESSION)) return name.slice(0, -SESSION.length);
  const task = basename(dirname(transcript));
  return name.endsWith('.json') && /^[\w-]{1,80}$/.test(task) ? task : undefined;
}

/** Names are those of the files; a session's manifest is `manifest`. */
export async function beside(transcript: string): Promise<ReadonlyMap<string, string>> {
  const folder = dirname(transcript);
  const name = basename(transcript);
  const files: readonly (readonly [string, string, number])[] = name.endsWith(SESSION)
    ? [['manifest', join(folder, `${name.slice(0, -SESSION.length)}.json`), MAX_BYTES]]
    : [
        ['taskHistory.json', join(dirname(dirname(folder)), 'state', 'taskHistory.json'), MAX_BYTES],
        ['history_item.json', join(folder, 'history_item.json'), MAX_BYTES],
        ['task_metadata.json', join(folder, 'task_metadata.json'), MAX_BYTES],
        ...(name === 'ui_messages.json'
          ? []
          : [['ui_messages.json', join(folder, 'ui_messages.json'), MAX_VIEW_BYTES] as const]),
      ];
  const texts = new Map<string, string>();
  for (const [key, file, limit] of files) {
    const text = await textOf(file, limit);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/** Undefined where it is missing, unreadable, or has more bytes. */
export async function textOf(file: string, limit: number = MAX_BYTES): Promise<string | undefined> {
  try {
    const state = await fileState(file);
    return state === undefined || state.size > limit ? undefined : await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

export function readBeside(transcript: string, texts: ReadonlyMap<string, string>): Known {
  const manifest = parseObject(texts.get('manifest') ?? '');
  return manifest === undefined ? taskKnown(transcript, texts) : manifestKnown(manifest);
}

export function manifestKnown(manifest: JsonObject): Known {
  const metadata = object(manifest['metadata']);
  const spent = object(metadata?.['usage']);
  return {
    nativeId: words(manifest['session_id']),
    cwd: words(manifest['cwd']) ?? words(manifest['workspace_root']),
    title: words(metadata?.['title']) ?? words(manifest['prompt']),
    model: words(manifest['model']),
    provider: words(manifest['provider']),
    mode: words(metadata?.['mode']),
    version: words(object(metadata?.['sessionHistoryOrigin'])?.['version']),
    createdAt: time(manifest['started_at']),
    updatedAt: time(manifest['ended_at']),
    branch: words(object(metadata?.['git'])?.['branch']),
    forkedFrom: words(object(metadata?.['fork'])?.['forkedFromSessionId']),
    tokens: undefined,
    cost: number(metadata?.['totalCost']) ?? number(spent?.['totalCost']),
    filesInContext: [],
  };
}

function taskKnown(transcript: string, texts: ReadonlyMap<string, string>): Known {
  const id = idIn(transcript);
  const history = parsedList(texts.get('taskHistory.json') ?? '');
  const listed = id === undefined ? undefined : history.find((item) => item['id'] === id);
  const item = parseObject(texts.get('history_item.json') ?? '') ?? listed;
  const noted = parseObject(texts.get('task_metadata.json') ?? '');
  const used = object(list(noted?.['model_usage']).at(-1));
  const environment = object(list(noted?.['environment_history']).at(-1));
  const view = viewTotals(texts.get('ui_messages.json') ?? '');
  return {
    nativeId: words(item?.['id']) ?? id,
    ...itemKnown(item),
    model: words(used?.['model_id']) ?? words(item?.['modelId']),
    provider: words(used?.['model_provider_id']),
    mode: words(used?.['mode']) ?? words(item?.['mode']),
    version: words(environment?.['cline_version']),
    createdAt: id !== undefined && /^\d{13}$/.test(id) ? isoTime(Number(id)) : undefined,
    updatedAt: isoTime(item?.['ts']),
    branch: undefined,
    forkedFrom: undefined,
    tokens: view?.usage ?? itemTokens(item),
    cost: number(item?.['totalCost']) ?? view?.cost,
    filesInContext: filesInContext(list(noted?.['files_in_context'])),
  };
}

/** Of a `HistoryItem`: Cline's, or Roo Code's. */
export function itemKnown(item: JsonObject | undefined): Pick<Known, 'cwd' | 'title'> {
  return {
    cwd: words(item?.['cwdOnTaskInitialization']) ?? words(item?.['workspace']),
    title: words(item?.['task']),
  };
}

/** The objects of a JSON array, or of the `entries` of an object; none of anything else. */
export function parsedList(text: string): readonly JsonObject[] {
  const value = parseObject(`{"v":${text === '' ? 'null' : text}}`)?.['v'];
  return list(object(value)?.['entries'] ?? value).flatMap((one): readonly JsonObject[] => {
    const item = object(one);
    return item === undefined ? [] : [item];
  });
}

function itemTokens(item: JsonObject | undefined): Usage | undefined {
  if (number(item?.['tokensIn']) === undefined) return undefined;
  return {
    input: count(item?.['tokensIn']),
    output: count(item?.['tokensOut']),
    cache_read: count(item?.['cacheReads']),
    cache_write: count(item?.['cacheWrites']),
  };
}

function viewTotals(text: string): { readonly usage: Usage; readonly cost: number } | undefined {
  const spent = parsedList(text).flatMap((record) => uiUsage(record) ?? []);
  if (spent.length === 0) return undefined;
  return {
    usage: sumUsage(spent.flatMap(({ usage }) => usage ?? [])),
    cost: spent.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
  };
}

function filesInContext(entries: readonly unknown[]): Known['filesInContext'] {
  return entries.flatMap((value) => {
    const entry = object(value);
    const path = string(entry?.['path']);
    // What the user edited is stale for the model: it has not seen that version.
    if (entry === undefined || path === undefined || entry['record_source'] === 'user_edited') return [];
    const edited = isoTime(entry['cline_edit_date'] ?? entry['roo_edit_date']);
    const seen = isoTime(entry['cline_read_date'] ?? entry['roo_read_date']);
    const at = edited ?? seen;
    return [
      { path, op: edited === undefined ? ('read' as const) : ('edit' as const), ...(at === undefined ? {} : { at }) },
    ];
  });
}
