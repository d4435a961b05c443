import { open } from 'node:fs/promises';
import type { Message } from '../../core/index.ts';
import type { NativeForkOptions } from '../agent.ts';
import { readDocument } from '../document.ts';
import { type JsonObject, list, number, object, parseObject, string, words } from '../shape.ts';
import { taskReader } from './reader.ts';
import { sessionRecord } from './sessionRecord.ts';

export interface SourceHead {
  readonly isSession: boolean;
  readonly fields: ReadonlyMap<string, unknown>;
  readonly model: string | undefined;
  readonly provider: string | undefined;
}

/** What a session or a task tells beside its messages, and which of both it is. */
export async function readHead(raw: string): Promise<SourceHead> {
  const fields = new Map<string, unknown>();
  let isSession = false;
  let model: string | undefined;
  let provider: string | undefined;
  await using handle = await open(raw, 'r');
  for await (const batch of readDocument(handle, { lists: ['messages'] })) {
    for (const { key, text } of batch) {
      if (key === 'messages') {
        isSession = true;
        const info = object(parseObject(text)?.['modelInfo']);
        model = words(info?.['id']) ?? model;
        provider = words(info?.['provider']) ?? provider;
      } else if (key !== '') fields.set(key, parseObject(`{"v":${text}}`)?.['v']);
    }
  }
  return { isSession, fields, model, provider };
}

/** Records as they are; of the last, what was typed with results goes where only the results count. */
export async function* copiedRecords({ raw, messages, now }: NativeForkOptions): AsyncGenerator<JsonObject> {
  let left = messages ?? Number.POSITIVE_INFINITY;
  let place = 0;
  const ids = new Set<string>();
  await using handle = await open(raw, 'r');
  for await (const batch of readDocument(handle, { lists: ['messages'] })) {
    for (const { key, text } of batch) {
      const record = key === 'messages' ? parseObject(text) : undefined;
      if (record === undefined) continue;
      if (left <= 0) return;
      const said = sessionRecord(record).length;
      if (said === 0) continue;
      place += 1;
      const own = words(record['id']);
      const id = own === undefined || ids.has(own) ? `msg_${place}` : own;
      ids.add(id);
      const content = list(record['content']);
      const results = content.filter((block) => object(block)?.['type'] === 'tool_result');
      const whole = Array.isArray(record['content'])
        ? content
        : [{ type: 'text', text: string(record['content']) ?? '' }];
      yield { ...record, id, ts: number(record['ts']) ?? now, content: said > left ? results : whole };
      left -= said;
    }
  }
}

/** The messages of a task, as its reader tells them; those that count. */
export async function taskMessages(options: NativeForkOptions): Promise<readonly Message[]> {
  const reader = taskReader({ id: 'cline', label: 'Cline' }, { transcript: options.raw });
  await using handle = await open(options.raw, 'r');
  let number = 0;
  for await (const batch of readDocument(handle, { lists: ['messages'] })) {
    for (const { text, ...place } of batch) {
      number += 1;
      reader.push(text, { ...place, number });
    }
  }
  return reader.messages().slice(0, options.messages);
}
