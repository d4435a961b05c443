import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, SAYS } from './words.ts';

const OUTLINE =
  `user(${SAYS.prompt}) assistant(read_file#t1) tool(#t1) ` +
  `assistant(${SAYS.plan} edit_file#t2) tool(#t2) assistant(${SAYS.done})`;
const COUNTS = { prompts: 1, assistantMessages: 3, toolCalls: 2, reads: 1, fullReads: 1, edits: 1 };
const READ = { path: '/work/shop/hello.ts' };
const EDIT = { path: '/work/shop/hello.ts', old: SAYS.edit.old, new: SAYS.edit.new };

function sample(name: string, content: unknown, more: Partial<Sample> = {}): Sample {
  return {
    name,
    put: ({ home }, _folder, number) => putText(join(home, `saved-${number}.json`), JSON.stringify(content, null, 1)),
    outline: OUTLINE,
    counts: COUNTS,
    elsewhere: true,
    ...more,
  };
}

const openAi = [
  { role: 'user', content: SAYS.prompt },
  { role: 'assistant', content: null, tool_calls: [called('t1', 'read_file', READ)] },
  { role: 'tool', tool_call_id: 't1', content: SAYS.content },
  { role: 'assistant', content: SAYS.plan, tool_calls: [called('t2', 'edit_file', EDIT)] },
  { role: 'tool', tool_call_id: 't2', content: 'edited' },
  { role: 'assistant', content: [{ type: 'text', text: SAYS.done }] },
];

function called(id: string, name: string, input: object): object {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } };
}

const use = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input });
const result = (tool_use_id: string, content: string) => ({ type: 'tool_result', tool_use_id, content });

const anthropic = {
  model: 'claude-opus-4-5',
  system: [{ type: 'text', text: 'Be polite' }],
  tools: [{ name: 'read_file', description: 'reads', input_schema: { type: 'object' } }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: SAYS.prompt }] },
    { role: 'assistant', content: [use('t1', 'read_file', READ)] },
    { role: 'user', content: [result('t1', SAYS.content)] },
    { role: 'assistant', content: [{ type: 'text', text: SAYS.plan }, use('t2', 'edit_file', EDIT)] },
    { role: 'user', content: [result('t2', 'edited')] },
    { role: 'assistant', content: SAYS.done },
  ],
};

const responses = {
  model: 'gpt-5.5',
  instructions: 'Be polite',
  tools: [{ type: 'function', name: 'read_file', parameters: { type: 'object' } }],
  input: [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: SAYS.prompt }] },
    { type: 'function_call', name: 'read_file', arguments: JSON.stringify(READ), call_id: 't1' },
    { type: 'function_call_output', call_id: 't1', output: SAYS.content },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: SAYS.plan }] },
    { type: 'function_call', name: 'edit_file', arguments: JSON.stringify(EDIT), call_id: 't2' },
    { type: 'function_call_output', call_id: 't2', output: 'edited' },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: SAYS.done }] },
  ],
};

const gemini = {
  contents: [
    { role: 'user', parts: [{ text: SAYS.prompt }] },
    { role: 'model', parts: [{ functionCall: { id: 't1', name: 'read_file', args: READ } }] },
    {
      role: 'user',
      parts: [{ functionResponse: { id: 't1', name: 'read_file', response: { output: SAYS.content } } }],
    },
    { role: 'model', parts: [{ text: SAYS.plan }, { functionCall: { id: 't2', name: 'edit_file', args: EDIT } }] },
    { role: 'user', parts: [{ functionResponse: { id: 't2', name: 'edit_file', response: { output: 'edited' } } }] },
    { role: 'model', parts: [{ text: SAYS.done }] },
  ],
};

const answer = (id: string, content: string, calls: readonly object[] = []) => ({
  type: 'ai',
  data: {
    content,
    id,
    tool_calls: calls,
    response_metadata: { model_name: 'mock-model' },
    usage_metadata: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  },
});
const langChain = [
  { type: 'human', data: { content: SAYS.prompt, id: 'h1' } },
  answer('run-1', '', [{ name: 'read_file', args: READ, id: 't1', type: 'tool_call' }]),
  { type: 'tool', data: { content: SAYS.content, id: 'r1', tool_call_id: 't1', status: 'success' } },
  answer('run-2', SAYS.plan, [{ name: 'edit_file', args: EDIT, id: 't2', type: 'tool_call' }]),
  { type: 'tool', data: { content: 'edited', id: 'r2', tool_call_id: 't2', status: 'success' } },
  answer('run-3', SAYS.done),
];
const ofLangChain = { counts: { ...COUNTS, models: ['mock-model'], tokensIn: 9, tokensOut: 6 } };
const state = { values: { messages: langChain.map(({ type, data }) => ({ ...data, type })) } };

const agentscope = [
  { role: 'user', content: SAYS.prompt },
  { role: 'assistant', content: [use('t1', 'read_file', READ)] },
  { role: 'system', content: [{ type: 'tool_result', id: 't1', output: [{ type: 'text', text: SAYS.content }] }] },
  { role: 'assistant', content: [{ type: 'text', text: SAYS.plan }, use('t2', 'edit_file', EDIT)] },
  { role: 'system', content: [{ type: 'tool_result', id: 't2', output: 'edited' }] },
  { role: 'assistant', content: [{ type: 'text', text: SAYS.done }] },
].map((message, index) => ({
  id: `msg-${index}`,
  name: message.role,
  ...message,
  metadata: {},
  timestamp: at(index).replace('T', ' ').replace('Z', ''),
}));

/** FORMATS 7. */
export const messagesSamples: Samples = {
  transcripts: [
    sample('chat messages of OpenAI', openAi),
    sample('a state with chat messages in it', { messages: openAi }),
    sample('a saved request to Anthropic', anthropic, { counts: { ...COUNTS, models: ['claude-opus-4-5'] } }),
    sample('a saved request to the Responses API', responses, {
      counts: { ...COUNTS, assistantMessages: 2, models: ['gpt-5.5'] },
    }),
    sample('contents of Gemini', gemini),
    sample('messages of LangChain', langChain, ofLangChain),
    sample('a state of LangGraph', state, ofLangChain),
    sample('a state of agentscope', { agent: { memory: { content: agentscope.map((one) => [one, []]) }, name: 'x' } }),
    sample('an early state of agentscope', { agent: { memory: { content: agentscope } } }),
  ],
};
