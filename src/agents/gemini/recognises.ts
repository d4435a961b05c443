import { parseObject, string } from '../shape.ts';
import { entryOf } from './records.ts';

/** True for a session of either form, and for what `/chat save` writes. */
export function recognises(head: string, file: string): boolean {
  const text = head.replace(/^\ufeff/, '');
  if (file.toLowerCase().endsWith('.json')) return isDocument(text);
  return text
    .split('\n')
    .slice(0, 20)
    .some((line) => isLine(line));
}

function isLine(line: string): boolean {
  const record = parseObject(line);
  if (record === undefined) return false;
  if (string(record['sessionId']) !== undefined && string(record['projectHash']) !== undefined) return true;
  const entry = entryOf(record, 1);
  if (entry?.kind === 'rewind') return true;
  if (entry?.kind === 'message') return entry.message['type'] === 'gemini' && string(record['id']) !== undefined;
  return entry?.kind === 'fields' && record['$set'] !== undefined;
}

/** In a text, quotes are escaped: what is found here is a field. */
function isDocument(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  const session = /"sessionId"\s*:\s*"/.test(text) && /"projectHash"\s*:\s*"/.test(text);
  const spoken = /"type"\s*:\s*"gemini"/.test(text) && /"messages"\s*:\s*\[/.test(text);
  const checkpoint = /"role"\s*:\s*"(?:user|model|gemini)"/.test(text) && /"parts"\s*:\s*\[\s*(?:\{|\])/.test(text);
  return session || spoken || (checkpoint && /^\s*(?:\[|\{\s*"history"\s*:\s*\[)/.test(text));
}
