import { isUtf8 } from 'node:buffer';
import { type Message, role } from './message.ts';
import type { Problem } from './problem.ts';

/** Deeper nesting than any agent writes; beyond it JSON.stringify and other recursive readers overflow the stack. */
export const MAX_DEPTH = 512;

const ROLES: ReadonlySet<unknown> = new Set(role.options);

/** Text fields that a part of a known kind must have (message.ts). */
const PART_TEXTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['text', ['text']],
  ['reasoning', ['text']],
  ['tool_call', ['id', 'name']],
  ['tool_result', ['call_id']],
  ['image', ['media_type']],
  ['file', ['path']],
]);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextOrBlob(value: unknown): boolean {
  return typeof value === 'string' || (isRecord(value) && /^[0-9a-f]{64}$/.test(String(value['blob'])));
}

function isPart(value: unknown): boolean {
  if (!isRecord(value) || typeof value['type'] !== 'string') return false;
  for (const field of PART_TEXTS.get(value['type']) ?? []) if (typeof value[field] !== 'string') return false;
  if (value['type'] === 'tool_result') return isTextOrBlob(value['output']);
  if (value['type'] === 'image') return isTextOrBlob(value['data']);
  return true;
}

/** As strict as the schema `message` and several times faster: it runs for every line of a history. */
export function isMessage(value: unknown): value is Message {
  if (!isRecord(value) || typeof value['id'] !== 'string' || !ROLES.has(value['role'])) return false;
  const { content, timestamp, model } = value;
  if (timestamp !== undefined && typeof timestamp !== 'string') return false;
  if (model !== undefined && typeof model !== 'string') return false;
  return typeof content === 'string' || (Array.isArray(content) && content.every(isPart));
}

/** How deep the brackets of a JSON text go; strings are jumped over. */
export function depthOf(json: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === 0x22) {
      at = endOfString(json, at);
      if (at < 0) return deepest;
    } else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

/** The index of the quote that ends the string starting at `start`; -1 where it has no end. */
function endOfString(json: Uint8Array, start: number): number {
  for (let at = json.indexOf(0x22, start + 1); at >= 0; at = json.indexOf(0x22, at + 1)) {
    let slashes = 0;
    while (json[at - 1 - slashes] === 0x5c) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/**
 * Message number `index` (0-based) from the bytes of its JSON. One without an id gets `m<number>`. What is not a
 * message keeps its place as an empty one that carries the text in `damaged`, so that nothing is lost by a save.
 */
export function parseMessage(json: Buffer, index: number): { readonly message: Message; readonly problem?: Problem } {
  const detail = `message ${index + 1}`;
  const text = json.toString('utf8');
  const damaged = (code: Problem['code']) => ({
    message: { id: `m${index + 1}`, role: 'system' as const, content: '', damaged: text },
    problem: { code, detail },
  });
  if (json.length > 2 * MAX_DEPTH && depthOf(json) > MAX_DEPTH) return damaged('bad-shape');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return damaged('bad-json');
  }
  if (isRecord(value)) {
    if (value['id'] === undefined) value = { id: `m${index + 1}`, ...value };
    if (isRecord(value) && (value['content'] === null || value['content'] === undefined)) value['content'] = '';
  }
  if (!isMessage(value)) return damaged('bad-shape');
  return isUtf8(json) ? { message: value } : { message: value, problem: { code: 'invalid-utf8', detail } };
}
