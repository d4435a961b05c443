import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, changeLine, lines, SAYS, uuid, without } from './words.ts';

function messages(folder: string): readonly object[] {
  const file_path = join(folder, 'hello.ts');
  const call = (id: string, name: string, args: object, output: string, second: number): object => ({
    id,
    name,
    args,
    status: 'success',
    timestamp: at(second),
    result: [{ functionResponse: { id, name, response: { output } } }],
  });
  const said = { type: 'gemini', model: 'gemini-3.8-flash' };
  const tokens = { input: 3, output: 2, cached: 0, thoughts: 0, tool: 0, total: 5 };
  const edit = { file_path, old_string: SAYS.edit.old, new_string: SAYS.edit.new };
  return [
    { id: 'g1', timestamp: at(1), type: 'user', content: [{ text: SAYS.prompt }] },
    {
      ...{ id: 'g2', timestamp: at(2), ...said, content: '', tokens },
      toolCalls: [call('call_1', 'read_file', { file_path }, SAYS.content, 3)],
    },
    {
      ...{ id: 'g3', timestamp: at(4), ...said, content: SAYS.plan, tokens },
      toolCalls: [call('call_2', 'replace', edit, `Successfully modified file: ${file_path}`, 5)],
    },
    { id: 'g4', timestamp: at(6), ...said, content: SAYS.done, tokens },
  ];
}

const head = (number: number): object => ({
  sessionId: uuid(number),
  projectHash: 'any',
  startTime: at(0),
  lastUpdated: at(6),
});

function sample(name: string, ending: 'jsonl' | 'json'): Sample {
  return {
    name,
    async put({ home }, folder, number) {
      const project = join(home, '.gemini/tmp/shop');
      await putText(join(project, '.project_root'), folder);
      await putText(join(home, '.gemini/projects.json'), JSON.stringify({ projects: { [folder]: 'shop' } }));
      const text =
        ending === 'jsonl'
          ? lines([head(number), ...messages(folder)])
          : JSON.stringify({ ...head(number), messages: messages(folder) }, null, 2);
      return putText(join(project, `chats/session-2026-11-20T10-00-${uuid(number).slice(0, 8)}.${ending}`), text);
    },
    outline:
      `user(${SAYS.prompt}) assistant(read_file#call_1) tool(#call_1) ` +
      `assistant(${SAYS.plan} replace#call_2) tool(#call_2) assistant(${SAYS.done})`,
    counts: {
      prompts: 1,
      assistantMessages: 3,
      toolCalls: 2,
      reads: 1,
      fullReads: 1,
      edits: 1,
      models: ['gemini-3.8-flash'],
      tokensIn: 9,
      tokensOut: 6,
    },
  };
}

const isMessage = (line: { readonly [field: string]: unknown }): boolean => line['type'] === 'gemini';

/** FORMATS 3; the failures that the agent passes over in silence: AGENT-CLIS 4. */
export const geminiSamples: Samples = {
  transcripts: [sample('a session of lines', 'jsonl'), sample('a session of one document', 'json')],
  broken: [
    {
      name: 'a message without an id: the agent does not see it',
      code: 'no-message-id',
      breaks: (text) => changeLine(text, isMessage, without('id')),
    },
    ...['sessionId', 'projectHash'].map((field) => ({
      name: `a first line without its ${field}`,
      code: field === 'sessionId' ? ('no-session-id' as const) : ('header-field-missing' as const),
      breaks: (text: string) => changeLine(text, (line) => 'sessionId' in line, without(field)),
    })),
    {
      name: 'a call without its result: the agent sends it with none',
      code: 'call-without-result',
      breaks: (text) =>
        changeLine(
          text,
          (line) => Array.isArray(line['toolCalls']),
          (line) => ({
            ...line,
            toolCalls: (line['toolCalls'] as Record<string, unknown>[]).map(without('result')),
          }),
        ),
    },
  ],
};
