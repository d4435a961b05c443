import type { NativeProblem } from '../agent.ts';
import { readDocument } from '../document.ts';
import { withFile } from '../files.ts';
import { type JsonObject, object, parseObject, string } from '../shape.ts';
import { isId } from './places.ts';

const HEADER = ['created_at', 'saved_at', 'agent_config', 'tool_schema_hash', 'read_cache', 'metadata'];
const ROLES: ReadonlySet<unknown> = new Set(['user', 'assistant', 'system', 'tool', 'summary']);
/** `datetime.fromisoformat` of older Pythons refuses a `Z`, and other fractions of a second. */
const PYTHON_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}(?:\d{3})?)?(?:[+-]\d\d:\d\d)?$/;

/**
 * What HelloAgents' loader needs (FORMATS 7), which fails in the middle of a program or takes an object for a text.
 * `header-field-missing` also names fields of a message (`record` is its number): its role, or its text.
 */
export async function validate(transcript: string): Promise<readonly NativeProblem[]> {
  const problems: NativeProblem[] = [];
  const seen = new Map<string, string>();
  let messages = 0;
  const read = await withFile(transcript, async (handle) => {
    const records = readDocument(handle, { lists: ['history'] });
    for (;;) {
      const { done, value } = await records.next();
      if (done === true) return value;
      for (const { key, text } of value) {
        if (key !== 'history') seen.set(key, text);
        else {
          messages += 1;
          problems.push(...messageProblems(parseObject(text), messages));
        }
      }
    }
  });
  if (read === undefined || read.bytes === 0) return [{ code: 'empty' }];
  if (!read.whole) return [{ code: 'not-json' }];
  return [...headerProblems(seen), ...(messages === 0 ? [{ code: 'empty' } as const] : []), ...problems];
}

function headerProblems(seen: ReadonlyMap<string, string>): readonly NativeProblem[] {
  const fields = parseObject(`{${[...seen].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`);
  if (fields === undefined) return [{ code: 'not-json' }];
  const id = string(fields['session_id']);
  const problems: NativeProblem[] = [];
  if (id === undefined || !isId(id)) problems.push({ code: 'no-session-id' });
  for (const field of HEADER) {
    const isObject = field === 'agent_config' || field === 'read_cache' || field === 'metadata';
    const value = isObject ? object(fields[field]) : string(fields[field]);
    if (value === undefined) problems.push({ code: 'header-field-missing', detail: field });
  }
  return problems;
}

function messageProblems(message: JsonObject | undefined, record: number): readonly NativeProblem[] {
  if (message === undefined) return [{ code: 'not-json', record }];
  const problems: NativeProblem[] = [];
  if (!ROLES.has(message['role'])) problems.push({ code: 'header-field-missing', record, detail: 'role' });
  if (string(message['content']) === undefined)
    problems.push({ code: 'header-field-missing', record, detail: 'content' });
  if (!PYTHON_TIME.test(string(message['timestamp']) ?? '')) problems.push({ code: 'no-timestamp', record });
  return problems;
}
