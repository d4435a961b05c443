import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, SAYS } from './words.ts';

const id = (number: number): string => `s-20261120-100000-${number.toString(16).padStart(8, '0')}`;
const naive = (second: number): string => at(second).replace('Z', '000');

function sample(name: string, text: (number: number) => object, counts: Sample['counts']): Sample {
  return {
    name,
    put: (_where, folder, number) =>
      putText(join(folder, `memory/sessions/session-${number}.json`), JSON.stringify(text(number), null, 2)),
    outline: `user(${SAYS.prompt}) assistant(${SAYS.done})`,
    counts: { prompts: 1, assistantMessages: 1, toolCalls: 0, edits: 0, models: ['mock-model'], ...counts },
  };
}

const whole = sample(
  'a session',
  (number) => ({
    session_id: id(number),
    created_at: naive(0),
    saved_at: naive(9),
    agent_config: {
      name: 'a',
      agent_type: 'ReActAgent',
      llm_provider: 'unknown',
      llm_model: 'mock-model',
      max_steps: 5,
    },
    history: [
      { role: 'user', content: SAYS.prompt, timestamp: naive(1), metadata: {} },
      { role: 'assistant', content: SAYS.done, timestamp: naive(6), metadata: { mood: 1 } },
    ],
    tool_schema_hash: '0e009af35e3f7d98',
    read_cache: { 'hello.ts': { file_mtime_ms: 1795222172902, file_size_bytes: 75 } },
    metadata: { created_at: naive(0), total_tokens: 15, total_steps: 1, duration_seconds: 3.3 },
  }),
  { reads: 1, fullReads: 1, tokensIn: 15, tokensOut: 0 },
);

const seed = sample(
  'a session of the first form',
  (number) => ({
    session_id: `20261120_10000${number}`,
    created_at: '2026-11-20T10:00:00',
    llm_model: 'mock-model',
    turns: 1,
    conversation_history: [
      { role: 'user', content: SAYS.prompt },
      { role: 'assistant', content: SAYS.done },
    ],
  }),
  { reads: 0, tokensIn: 0 },
);

const change = (field: string, value: unknown) => (text: string) =>
  JSON.stringify({ ...JSON.parse(text), [field]: value });

/** FORMATS 7. */
export const helloAgentsSamples: Samples = {
  transcripts: [whole, seed],
  broken: [
    { name: 'a session without an id', code: 'no-session-id', breaks: change('session_id', undefined) },
    {
      name: 'a session without a configuration',
      code: 'header-field-missing',
      breaks: change('agent_config', undefined),
    },
    { name: 'a session without messages', code: 'empty', breaks: change('history', []) },
    {
      name: 'a message whose content is no text',
      code: 'header-field-missing',
      breaks: change('history', [
        { role: 'user', content: [{ type: 'text', text: 'x' }], timestamp: naive(1), metadata: {} },
      ]),
    },
    {
      name: 'a time that Python does not read',
      code: 'no-timestamp',
      breaks: change('history', [{ role: 'user', content: 'x', timestamp: at(1), metadata: {} }]),
    },
  ],
};
