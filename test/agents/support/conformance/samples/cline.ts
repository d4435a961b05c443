import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, SAYS } from './words.ts';

const ms = (second: number): number => Date.parse(at(second));
const id = (number: number): string => `${ms(0) + number}`;

const session: Sample = {
  name: 'a session of the SDK',
  async put({ home }, folder, number) {
    const name = `${id(number)}_abcde`;
    const root = join(home, '.cline/data/sessions', name);
    const path = join(folder, 'hello.ts');
    const use = (call: string, tool: string, input: object) => ({ type: 'tool_use', id: call, name: tool, input });
    const result = (call: string, tool: string, content: unknown) => [
      { type: 'tool_result', tool_use_id: call, name: tool, content },
    ];
    const says = [
      ['user', [{ type: 'text', text: SAYS.prompt }]],
      ['assistant', [use('call_1', 'read_files', { files: [{ path }] })]],
      [
        'user',
        result('call_1', 'read_files', JSON.stringify([{ query: path, result: `1 | ${SAYS.content}`, success: true }])),
      ],
      [
        'assistant',
        [
          { type: 'text', text: SAYS.plan },
          use('call_2', 'editor', { path, old_text: SAYS.edit.old, new_text: SAYS.edit.new }),
        ],
      ],
      ['user', result('call_2', 'editor', 'The file was edited')],
      ['assistant', [{ type: 'text', text: SAYS.done }]],
    ] as const;
    const answered = {
      modelInfo: { id: 'mock-model', provider: 'openai-compatible' },
      metrics: { inputTokens: 3, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0, cost: 0 },
    };
    const messages = join(root, `${name}.messages.json`);
    const manifest = {
      ...{ version: 1, session_id: name, source: 'cli', pid: 1, started_at: at(0), exit_code: null, status: 'idle' },
      ...{
        interactive: false,
        provider: 'openai-compatible',
        model: 'mock-model',
        cwd: folder,
        workspace_root: folder,
      },
      ...{ enable_tools: true, prompt: SAYS.prompt, metadata: { title: SAYS.prompt }, messages_path: messages },
    };
    await putText(join(root, `${name}.json`), JSON.stringify(manifest));
    const text = {
      ...{ version: 1, updated_at: at(9), agent: 'lead', sessionId: name },
      messages: says.map(([role, content], index) => ({
        ...{ id: `m${index + 1}`, role, content, ts: ms(index + 1) },
        ...(role === 'assistant' ? answered : {}),
      })),
    };
    return putText(messages, JSON.stringify(text, null, 1));
  },
  outline:
    `user(${SAYS.prompt}) assistant(read_files#call_1) tool(#call_1) ` +
    `assistant(${SAYS.plan} editor#call_2) tool(#call_2) assistant(${SAYS.done})`,
  counts: {
    prompts: 1,
    assistantMessages: 3,
    toolCalls: 2,
    reads: 1,
    fullReads: 1,
    edits: 1,
    models: ['mock-model'],
    tokensIn: 9,
    tokensOut: 6,
  },
};

/** Messages of a task, whose calls are texts. */
export function taskMessages(): readonly object[] {
  const text = (words: string) => [{ type: 'text', text: words }];
  return [
    { role: 'user', content: text(`<task>\n${SAYS.prompt}\n</task>`), ts: ms(1) },
    { role: 'assistant', content: text('<read_file>\n<path>hello.ts</path>\n</read_file>'), ts: ms(2) },
    { role: 'user', content: text(`[read_file for 'hello.ts'] Result:\n1 | ${SAYS.content}`), ts: ms(3) },
    { role: 'assistant', content: text(SAYS.done), ts: ms(4) },
  ];
}

const task: Sample = {
  name: 'a task of the extension',
  async put({ home }, folder, number) {
    const store = join(home, '.cline/data');
    // The list holds all tasks that are put, whichever come later.
    const items = Array.from({ length: 20 }, (_, index) => ({
      ...{ id: id(index), ts: ms(9), task: SAYS.prompt, tokensIn: 9, tokensOut: 6 },
      cwdOnTaskInitialization: folder,
    }));
    await putText(join(store, 'state/taskHistory.json'), JSON.stringify(items));
    const file = join(store, 'tasks', id(number), 'api_conversation_history.json');
    return putText(file, JSON.stringify(taskMessages(), null, 1));
  },
  outline: `user(${SAYS.prompt}) assistant(read_file#call_1_0) tool(#call_1_0) assistant(${SAYS.done})`,
  counts: {
    prompts: 1,
    assistantMessages: 2,
    toolCalls: 1,
    reads: 1,
    fullReads: 1,
    edits: 0,
    tokensIn: 9,
    tokensOut: 6,
  },
};

const change = (edit: (message: Record<string, unknown>) => object) => (text: string) => {
  const { messages, ...rest } = JSON.parse(text);
  return JSON.stringify({ ...rest, messages: messages.map(edit) });
};

/** FORMATS 6.1, 6.2. */
export const clineSamples: Samples = {
  transcripts: [session, task],
  broken: [
    { name: 'a message without an id', code: 'no-message-id', breaks: change(({ id: _, ...rest }) => rest) },
    { name: 'a message without a time', code: 'no-timestamp', breaks: change(({ ts: _, ...rest }) => rest) },
    {
      name: 'another id in the messages than in the name',
      code: 'wrong-session-id',
      breaks: (text) => JSON.stringify({ ...JSON.parse(text), sessionId: '1234567890123_other' }),
    },
    {
      name: 'a call without its result',
      code: 'call-without-result',
      breaks: (text) => text.replaceAll('"tool_result"', '"other"'),
    },
  ],
};
