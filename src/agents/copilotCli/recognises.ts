import { parseObject, string } from '../shape.ts';
import { eventOf } from './events.ts';

const TYPES = /^(?:session|user|assistant|tool|system|subagent|hook)\.[a-z_]+$/;

/** True where one of the first lines is an event. */
export function recognises(head: string): boolean {
  const lines = head
    .replace(/^\ufeff/, '')
    .split('\n')
    .slice(0, 20);
  return lines.some((text) => {
    const line = parseObject(text);
    const event = line === undefined ? undefined : eventOf(line);
    if (event === undefined || line === undefined) return /^\{"type":"session\.start","data":\{/.test(text);
    return TYPES.test(event.type) && string(line['id']) !== undefined && 'parentId' in line;
  });
}
