import { type JsonObject, object, objects, string } from '../shape.ts';

/** What a record of a transcript says, told apart as Gemini's own loader does it (FORMATS 3.3). */
export type Entry =
  /** That message and everything after it is dropped; an unknown one drops all. */
  | { readonly kind: 'rewind'; readonly to: string }
  /** A known id replaces in place. Without an id, which Gemini passes over: undefined. */
  | { readonly kind: 'message'; readonly id: string | undefined; readonly message: JsonObject }
  /** Fields of the session, set anew; `messages` is the whole conversation anew. */
  | { readonly kind: 'fields'; readonly fields: JsonObject; readonly messages?: readonly JsonObject[] };

/** Of a line of a `.jsonl`; undefined for a record of a kind that is not known. */
export function entryOf(record: JsonObject): Entry | undefined {
  const rewind = string(record['$rewindTo']);
  if (rewind !== undefined) return { kind: 'rewind', to: rewind };
  const id = string(record['id']);
  if (id !== undefined) return { kind: 'message', id, message: record };
  const set = object(record['$set']);
  if (set !== undefined) return fieldsOf(set);
  if (string(record['sessionId']) !== undefined) return fieldsOf(record);
  return isMessage(record) ? { kind: 'message', id: undefined, message: record } : undefined;
}

/** Of a record of a `.json`: a message, also one of a checkpoint, or a field. */
export function entryOfField(key: string, value: unknown): Entry | undefined {
  if (!MESSAGE_LISTS.includes(key)) return fieldsOf({ [key]: value });
  const message = object(value);
  return message === undefined ? undefined : { kind: 'message', id: string(message['id']), message };
}

/** `messages` of a session; `history`, or the outermost array, of what `/chat save` writes. */
export const MESSAGE_LISTS: readonly string[] = ['messages', 'history', ''];

function fieldsOf({ messages, ...fields }: JsonObject): Entry {
  if (!Array.isArray(messages)) return { kind: 'fields', fields };
  return { kind: 'fields', fields, messages: objects(messages) };
}

function isMessage(record: JsonObject): boolean {
  const speaker = string(record['type']) ?? string(record['role']);
  return speaker !== undefined && ('content' in record || 'parts' in record || 'toolCalls' in record);
}

/** The conversation of a transcript as Gemini loads it: the records by their ids, in the order of their first telling. */
export interface LoadedRecords {
  apply(entry: Entry): void;
  readonly fields: ReadonlyMap<string, unknown>;
  /** Records without an id are not in it. */
  readonly records: ReadonlyMap<string, JsonObject>;
}

export function createLoadedRecords(): LoadedRecords {
  const fields = new Map<string, unknown>();
  const records = new Map<string, JsonObject>();
  return {
    fields,
    records,
    apply(entry) {
      switch (entry.kind) {
        case 'rewind': {
          const ids = [...records.keys()];
          for (const id of ids.slice(Math.max(0, ids.indexOf(entry.to)))) records.delete(id);
          return;
        }
        case 'message':
          if (entry.id !== undefined) records.set(entry.id, entry.message);
          return;
        case 'fields':
          for (const [name, value] of Object.entries(entry.fields)) fields.set(name, value);
          if (entry.messages === undefined) return;
          records.clear();
          for (const message of entry.messages) {
            const id = string(message['id']);
            if (id !== undefined) records.set(id, message);
          }
          return;
      }
    },
  };
}
