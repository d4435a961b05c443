import type { Message } from '../../session/message.ts';
import { SCHEMA, type SnapshotBody } from '../../session/snapshot.ts';

/**
 * How Holdfast lays a snapshot out: `{`, then every field on a line of its own, the head's first, then
 * `"history":[`, one message per line with its id first, and `]}`. A raw line break never occurs inside compact
 * JSON, so that line breaks alone tell the parts of a huge file apart.
 */
export const OWN_START = `{\n"schema":"holdfast/`;
export const HISTORY_START = '\n"history":[\n';
export const HISTORY_END = '\n]}\n';
export const MESSAGE_START = '{"id":"';

/** The fields that a list shows, in the order in which they are written. */
export const HEAD_FIELDS: readonly string[] = [
  'schema',
  'session_id',
  'name',
  'title',
  'revision',
  'created_at',
  'saved_at',
  'state',
  'tags',
  'pinned',
  'archived',
  'parent',
  'source',
  'agent_config',
  'workspace',
  'metadata',
  'message_count',
  'tool_schema_hash',
  'folded_journals',
];
const LONG_FIELDS: readonly string[] = [
  'checkpoints',
  'decisions',
  'pinned_messages',
  'read_cache',
  'tools',
  'state_modules',
];
const KNOWN: ReadonlySet<string> = new Set([...HEAD_FIELDS, ...LONG_FIELDS, 'history']);

/** A journal that is part of a snapshot up to `bytes`: what lies in it is not applied again. */
export interface FoldedJournal {
  readonly journal: string;
  readonly bytes: number;
}

/** The journals that a body, on disk or in memory, already includes. */
export function foldedJournals(body: SnapshotBody): readonly FoldedJournal[] {
  const list: unknown = body['folded_journals'];
  if (!Array.isArray(list)) return [];
  return list.filter(
    (each): each is FoldedJournal =>
      typeof each === 'object' && each !== null && typeof each.journal === 'string' && typeof each.bytes === 'number',
  );
}

/** Remembers the last few: a writer that was late by more folds than that appends its events once more. */
export function withFolded(body: SnapshotBody, more: readonly FoldedJournal[]): SnapshotBody {
  const ids = new Set(more.map(({ journal }) => journal));
  const all = [...foldedJournals(body).filter(({ journal }) => !ids.has(journal)), ...more];
  return all.length === 0 ? body : { ...body, folded_journals: all.slice(-4) };
}

/** Everything before the history's first message. The count of messages is padded to `width`, so that it can be corrected in place. */
export function bodyText(body: SnapshotBody, width = 0): string {
  const fields = new Map(Object.entries({ ...body, schema: SCHEMA }));
  const rest = [...fields.keys()].filter((key) => !KNOWN.has(key));
  let text = '{\n';
  for (const key of [...HEAD_FIELDS, ...LONG_FIELDS, ...rest]) {
    const json: string | undefined = JSON.stringify(fields.get(key));
    if (json === undefined) continue;
    text += `${JSON.stringify(key)}:${key === 'message_count' ? json.padStart(width) : json},\n`;
  }
  return `${text}"history":[`;
}

/** A message as one line without its line break, id first. One that nests too deep for JSON.stringify is kept as an empty one that says so. */
export function messageLine(message: Message): string {
  const { id, ...rest } = message;
  try {
    return JSON.stringify({ id, ...rest });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { role, timestamp } = message;
    return JSON.stringify({ id, role, content: '', timestamp, damaged: 'nesting' });
  }
}
