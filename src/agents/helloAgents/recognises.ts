import { documentHead } from '../document.ts';

/** Fields of which a session has at least one beside its id and its messages; a snapshot of Holdfast has a `schema`. */
const OWN_FIELDS = ['agent_config', 'read_cache', 'llm_model', 'turns'];

/** True for a session of HelloAgents, or of its first form (`conversation_history`). */
export function recognises(head: string): boolean {
  const { outermost, records, open } = documentHead(head, []);
  if (outermost !== 'object') return false;
  const keys = new Set(records.map(({ key }) => key));
  if (open !== undefined) keys.add(open.key);
  return (
    keys.has('session_id') &&
    !keys.has('schema') &&
    (keys.has('history') || keys.has('conversation_history')) &&
    OWN_FIELDS.some((field) => keys.has(field))
  );
}
