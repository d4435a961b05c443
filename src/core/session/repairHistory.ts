import type { Message, ToolCallPart, ToolResultPart } from './message.ts';
import type { Problem } from './problem.ts';

/** The output of a result that stands in for one that was never recorded. */
export const INTERRUPTED = 'interrupted';

function callsOf(message: Message): readonly ToolCallPart[] {
  if (typeof message.content === 'string') return [];
  return message.content.filter((part): part is ToolCallPart => part.type === 'tool_call');
}

function resultsOf(message: Message): readonly ToolResultPart[] {
  if (typeof message.content === 'string') return [];
  return message.content.filter((part): part is ToolResultPart => part.type === 'tool_result');
}

/**
 * A history in which every tool call has its result, as models demand: a call whose run was cut off gets a result
 * that says "interrupted", right after its message. For use in memory; never written back.
 * Problems name the call's id: `interrupted-call`, and `orphan-result` for a result without a call before it.
 */
export function repairHistory(history: readonly Message[]): {
  readonly history: readonly Message[];
  readonly problems: readonly Problem[];
} {
  const answered = new Set(history.flatMap((message) => resultsOf(message).map((result) => result.call_id)));
  const asked = new Set<string>();
  const problems: Problem[] = [];
  const repaired: Message[] = [];
  for (const message of history) {
    for (const { call_id } of resultsOf(message)) {
      if (!asked.has(call_id)) problems.push({ code: 'orphan-result', detail: call_id });
    }
    repaired.push(message);
    const open = callsOf(message).filter((call) => !answered.has(call.id));
    for (const call of callsOf(message)) asked.add(call.id);
    if (open.length === 0) continue;
    for (const call of open) problems.push({ code: 'interrupted-call', detail: call.id });
    repaired.push({
      id: `${message.id}-${INTERRUPTED}`,
      role: 'tool',
      content: open.map(({ id }) => ({ type: 'tool_result', call_id: id, output: INTERRUPTED, is_error: true })),
      ...(message.timestamp === undefined ? {} : { timestamp: message.timestamp }),
    });
  }
  return { history: repaired, problems };
}
