import { type DocumentHead, documentHead } from '../document.ts';
import { object, string } from '../shape.ts';
import { CONTAINERS } from './containers.ts';
import { roleOf } from './said.ts';

const CONTENTS: readonly string[] = ['content', 'parts', 'tool_calls', 'function_call'];
/** Items of the Responses API that may stand first. */
const ITEMS: ReadonlySet<string> = new Set(['message', 'reasoning', 'function_call', 'function_call_output']);

/**
 * True for an array of objects that have a role and something to say, or for an object that holds one in a field that
 * is named for it. Snapshots of Holdfast have a `schema`, and are none; so has what any agent calls its own.
 */
export function recognises(head: string): boolean {
  const document = documentHead(head, CONTAINERS);
  const records = recordsOf(document);
  const [first] = records;
  if (document.outermost === 'list') return first !== undefined && isMessage(first.text);
  if (records.some(({ key }) => key === 'schema' || key === 'sessionId')) return false;
  return records.some(
    ({ key, text }) => (CONTAINERS.includes(key) && isMessage(text)) || (text.startsWith('{') && isState(text)),
  );
}

function recordsOf({ records, open }: DocumentHead): readonly { readonly key: string; readonly text: string }[] {
  return open === undefined ? records : [...records, open];
}

/** The text may end too early: a message may be longer than the head. */
function isMessage(text: string): boolean {
  const document = documentHead(text, []);
  if (document.outermost !== 'object') return false;
  const fields = new Map(document.records.map((record) => [record.key, parsed(record.text)]));
  const role = fields.get('role');
  const type = string(fields.get('type'));
  const has = (key: string): boolean => fields.has(key) || document.open?.key === key;
  if (role !== undefined) return roleOf(role) !== undefined && CONTENTS.some(has);
  if (type === undefined) return false;
  if (ITEMS.has(type)) return has('content') || has('summary') || has('call_id');
  return roleOf(type) !== undefined && (has('content') || object(fields.get('data')) !== undefined || has('data'));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Torn, or no JSON: nothing is known of the field but its name.
    return undefined;
  }
}

/** LangGraph's `values`, or a module of agentscope with a memory. */
function isState(text: string): boolean {
  return recordsOf(documentHead(text, ['messages'])).some((record) => {
    if (record.key === 'messages') return isMessage(record.text);
    if (record.key !== 'memory') return false;
    const [first] = recordsOf(documentHead(record.text, ['content'])).filter(({ key }) => key === 'content');
    if (first === undefined) return false;
    const pair = documentHead(first.text, []);
    return pair.outermost === 'list' ? isMessage(recordsOf(pair)[0]?.text ?? '') : isMessage(first.text);
  });
}
