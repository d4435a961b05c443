import type { Problem } from '../core/index.ts';
import { type JsonObject, object } from './shape.ts';

/** A `\ud800` to `\udfff` escape without its other half (an odd backslash before it would make it plain text). */
const LONE_SURROGATE =
  /(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})/;

/**
 * The JSON object of one line. An empty line is none and no problem; a line that is not JSON, or JSON but no object,
 * is none and a problem. A lone surrogate is kept as it is, and told.
 */
export function parseLine(text: string, line: number, problems: Problem[]): JsonObject | undefined {
  if (text === '' || text.trim() === '') return undefined;
  const value = parseValue(text, line, problems);
  if (value === undefined) return undefined;
  const found = object(value);
  if (found === undefined) problems.push({ code: 'bad-shape', line, detail: 'not an object' });
  return found;
}

/** The same for any JSON value; undefined where it is not JSON. */
export function parseValue(text: string, line: number, problems: Problem[]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    problems.push({ code: 'bad-json', line, detail: error instanceof Error ? error.message.slice(0, 200) : '' });
    return undefined;
  }
  if (text.includes('\\u') && /\\u[dD]/.test(text) && LONE_SURROGATE.test(text)) {
    problems.push({ code: 'lone-surrogate', line });
  }
  return value;
}
