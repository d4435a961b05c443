import type { RecordPlace } from '../agent.ts';
import { readRecords } from '../readRecords.ts';
import { type JsonObject, object, objects, parseObject, string } from '../shape.ts';
import { layoutOf } from './layout.ts';
import { type OpencodeReader, opencodeReader } from './reader.ts';

/** A session with all that opencode keeps of it, from whatever form. */
export interface LoadedSession {
  readonly info: JsonObject | undefined;
  /** By their ids, in the order in which they were told; what was told anew counts as it was told last. */
  readonly messages: ReadonlyMap<string, LoadedMessage>;
  /** Messages and parts without an id, or with one that was told before: 1-based numbers of their records. */
  readonly nameless: readonly number[];
  readonly repeated: readonly { readonly record: number; readonly id: string }[];
  /** It has read the same: what is visible, and how it counts. */
  readonly reader: OpencodeReader;
  /** False for what is no JSON, or ends too early. */
  readonly whole: boolean;
}

export interface LoadedMessage {
  readonly info: JsonObject;
  readonly parts: ReadonlyMap<string, JsonObject>;
  /** 1-based number of its record. */
  readonly record: number;
}

/** Undefined where it cannot be read. */
export async function loadSession(transcript: string): Promise<LoadedSession | undefined> {
  const reader = opencodeReader({ transcript });
  const messages = new Map<string, { info: JsonObject; readonly parts: Map<string, JsonObject>; record: number }>();
  const nameless: number[] = [];
  const repeated: { record: number; id: string }[] = [];
  const partIds = new Set<string>();
  let info: JsonObject | undefined;

  function message(told: JsonObject, record: number): string | undefined {
    const id = string(told['id']);
    if (id === undefined) {
      nameless.push(record);
      return undefined;
    }
    const known = messages.get(id);
    if (known === undefined) messages.set(id, { info: told, parts: new Map(), record });
    else known.info = told;
    return id;
  }

  function part(told: JsonObject, messageId: string, record: number): void {
    const id = string(told['id']);
    if (id === undefined) nameless.push(record);
    else messages.get(messageId)?.parts.set(id, told);
  }

  function push(text: string, at: RecordPlace): void {
    reader.push(text, at);
    const told = parseObject(text);
    if (told === undefined) return;
    const properties = object(told['properties']);
    switch (at.key === '' ? told['type'] : at.key) {
      case 'info':
      case 'session':
        info = told;
        return;
      case 'session.created':
      case 'session.updated': {
        const session = object(properties?.['info']);
        if (session !== undefined && session['parentID'] === undefined) info = session;
        return;
      }
      case 'message':
        message(told, at.number);
        return;
      case 'part':
        part(told, string(told['messageID']) ?? '', at.number);
        return;
      case 'message.updated':
        message(object(properties?.['info']) ?? {}, at.number);
        return;
      case 'message.part.updated': {
        const one = object(properties?.['part']) ?? {};
        part(one, string(one['messageID']) ?? '', at.number);
        return;
      }
      case 'messages': {
        const own = object(told['info']) ?? {};
        const before = messages.size;
        const id = message(own, at.number);
        if (id === undefined) return;
        if (messages.size === before) repeated.push({ record: at.number, id });
        for (const one of objects(told['parts'])) {
          const partId = string(one['id']);
          if (partId !== undefined && partIds.has(partId)) repeated.push({ record: at.number, id: partId });
          if (partId !== undefined) partIds.add(partId);
          part(one, id, at.number);
        }
      }
    }
  }

  const read = await readRecords({ layout: layoutOf }, transcript, { ...reader, push });
  if (read === undefined) return undefined;
  const whole = read.problems.length === 0 && !reader.problems().some(({ code }) => code === 'bad-json');
  return { info, messages, nameless, repeated, reader, whole };
}
