import { type JsonObject, object, objects, string } from '../shape.ts';

/** What a record of a transcript says, told apart as Gemini's own loader does it (FORMATS 3.3). */
export type Entry =
  /** That message and everything after it is dropped; an unknown one drops all. */
  | { readonly kind: 'rewind'; readonly to: string }
  | ({ readonly kind: 'message' } & MessageRecord)
  /** Fields of the session, set anew; `messages` is the whole conversation anew. */
  | { readonly kind: 'fields'; readonly fields: JsonObject; readonly messages?: readonly MessageRecord[] };

/** A known id replaces in place. A message without one, which Gemini passes over, has that of its place, `L<n>`. */
export interface MessageRecord {
  readonly id: string;
  readonly message: JsonObject;
}

/** Of line `number` of a `.jsonl`; undefined for a record of a kind that is not known. */
export function entryOf(record: JsonObject, number: number): Entry | undefined {
  const rewind = string(record['$rewindTo']);
  if (rewind !== undefined) return { kind: 'rewind', to: rewind };
  const id = string(record['id']);
  if (id !== undefined) return { kind: 'message', id, message: record };
  const set = object(record['$set']);
  if (set !== undefined) return fieldsOf(set, number);
  if (string(record['sessionId']) !== undefined) return fieldsOf(record, number);
  return isMessage(record) ? { kind: 'message', id: `L${number}`, message: record } : undefined;
}

/** Of record `number` of a `.json`: a message, also one of a checkpoint, or a field. */
export function entryOfField(key: string, value: unknown, number: number): Entry | undefined {
  if (!MESSAGE_LISTS.includes(key)) return { kind: 'fields', fields: { [key]: value } };
  const message = object(value);
  return message === undefined ? undefined : { kind: 'message', id: string(message['id']) ?? `L${number}`, message };
}

/** `messages` of a session; `history`, or the outermost array, of what `/chat save` writes. */
export const MESSAGE_LISTS: readonly string[] = ['messages', 'history', ''];

function fieldsOf({ messages, ...fields }: JsonObject, number: number): Entry {
  if (!Array.isArray(messages)) return { kind: 'fields', fields };
  const told = objects(messages).map((message, index) => ({
    id: string(message['id']) ?? `L${number}.${index}`,
    message,
  }));
  return { kind: 'fields', fields, messages: told };
}

function isMessage(record: JsonObject): boolean {
  const speaker = string(record['type']) ?? string(record['role']);
  return speaker !== undefined && ('content' in record || 'parts' in record || 'toolCalls' in record);
}

/** The conversation of a transcript as Gemini loads it: the records by their ids, in the order of their first telling. */
export interface LoadedRecords {
  apply(entry: Entry): void;
  readonly fields: ReadonlyMap<string, unknown>;
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
          records.set(entry.id, entry.message);
          return;
        case 'fields':
          for (const [name, value] of Object.entries(entry.fields)) fields.set(name, value);
          if (entry.messages === undefined) return;
          records.clear();
          for (const { id, message } of entry.messages) records.set(id, message);
          return;
      }
    },
  };
}
