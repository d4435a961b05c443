import { countTurns, type Message, type Session } from '../core/index.ts';
import type { Counts } from './savedEnding.ts';

/** What a snapshot tells of what a transcript counts. */
export function snapshotCounts({ body, history }: Session): Counts {
  const models = new Set(history.flatMap(({ model }) => (model === undefined ? [] : [model])));
  const usage = Object.values(body.metadata?.by_model ?? {});
  return {
    prompts: countTurns(history),
    assistantMessages: history.filter(({ role }) => role === 'assistant').length,
    toolCalls: history.reduce((sum, { content }) => sum + calls(content), 0),
    models: [...models],
    ...(usage.length === 0
      ? {}
      : {
          tokensIn: usage.reduce((sum, { input }) => sum + input, 0),
          tokensOut: usage.reduce((sum, { output }) => sum + output, 0),
        }),
  };
}

function calls(content: Message['content']): number {
  return typeof content === 'string' ? 0 : content.filter(({ type }) => type === 'tool_call').length;
}
