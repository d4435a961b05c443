/** Stands for the texts of Codex itself. */
export const REMOVED = '[instructions of the agent: removed]';

interface Line {
  readonly type: string;
  readonly payload: { readonly type?: string; readonly role?: string; readonly [key: string]: unknown };
}

/** A rollout of Codex with every line, but with a marker in the place of its instructions. */
export function keepCodex(rollout: string): string {
  return rollout
    .split('\n')
    .filter(Boolean)
    .map((text) => {
      const line: Line = JSON.parse(text);
      return `${JSON.stringify({ ...line, payload: { ...line.payload, ...replaced(line) } })}\n`;
    })
    .join('');
}

function replaced({ type, payload }: Line): object {
  if (type === 'session_meta') return { base_instructions: { text: REMOVED } };
  if (type === 'world_state') return { state: {} };
  if (type === 'response_item' && payload.role === 'developer')
    return { content: [{ type: 'input_text', text: REMOVED }] };
  return {};
}
