import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, changeLine, lines, SAYS, uuid, without } from './words.ts';

function transcript(folder: string, number: number, minimal: boolean): string {
  const file = join(folder, 'hello.ts');
  const usage = { input_tokens: 3, output_tokens: 2 };
  const say = (record: number, type: 'user' | 'assistant', content: unknown, more: object = {}): object => ({
    parentUuid: record === 1 ? null : uuid(number, record - 1),
    ...(minimal ? {} : { isSidechain: false, userType: 'external', version: '2.1.329', gitBranch: 'main' }),
    type,
    message:
      type === 'user' || minimal
        ? { role: type, content }
        : { id: `msg_${record}`, type: 'message', role: type, model: 'claude-opus-4-5', content, usage },
    uuid: uuid(number, record),
    timestamp: at(record),
    cwd: folder,
    sessionId: uuid(number),
    ...more,
  });
  const result = (id: string, content: string): object => ({ type: 'tool_result', tool_use_id: id, content });
  const read = {
    type: 'text',
    file: { filePath: file, content: SAYS.content, numLines: 2, startLine: 1, totalLines: 2 },
  };
  const edit = { file_path: file, old_string: SAYS.edit.old, new_string: SAYS.edit.new };
  return lines([
    say(1, 'user', SAYS.prompt),
    say(2, 'assistant', [{ type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: file } }]),
    say(3, 'user', [result('toolu_1', `1\t${SAYS.content}`)], minimal ? {} : { toolUseResult: read }),
    say(4, 'assistant', [
      { type: 'text', text: SAYS.plan },
      { type: 'tool_use', id: 'toolu_2', name: 'Edit', input: edit },
    ]),
    say(5, 'user', [result('toolu_2', `The file ${file} has been updated successfully.`)]),
    say(6, 'assistant', [{ type: 'text', text: SAYS.done }]),
  ]);
}

function sample(name: string, minimal: boolean): Sample {
  return {
    name,
    put: ({ home }, folder, number) =>
      putText(
        join(home, '.claude/projects', folder.replace(/[^A-Za-z0-9]/g, '-'), `${uuid(number)}.jsonl`),
        transcript(folder, number, minimal),
      ),
    outline:
      `user(${SAYS.prompt}) assistant(Read#toolu_1) tool(#toolu_1) ` +
      `assistant(${SAYS.plan} Edit#toolu_2) tool(#toolu_2) assistant(${SAYS.done})`,
    counts: {
      prompts: 1,
      assistantMessages: 3,
      toolCalls: 2,
      reads: 1,
      fullReads: 1,
      edits: 1,
      ...(minimal
        ? { tokensIn: 0 }
        : { models: ['claude-opus-4-5'], versions: ['2.1.329'], tokensIn: 9, tokensOut: 6 }),
    },
  };
}

/** FORMATS 1; the failures that the agent passes over in silence: AGENT-CLIS 3. */
export const claudeCodeSamples: Samples = {
  transcripts: [sample('a turn with every field', false), sample('a turn of the smallest form', true)],
  broken: [
    {
      name: 'a line without a time: the agent finds no conversation',
      code: 'no-timestamp',
      breaks: (text) => changeLine(text, (line) => line['type'] === 'assistant', without('timestamp')),
    },
    {
      name: 'a line without a uuid: the agent sends only the last message',
      code: 'no-message-id',
      breaks: (text) => changeLine(text, (line) => line['type'] === 'assistant', without('uuid')),
    },
    {
      name: 'a line without a parent: the agent sends only what is behind it',
      code: 'broken-chain',
      breaks: (text) => changeLine(text, (line) => line['type'] === 'assistant', without('parentUuid')),
    },
    {
      name: 'a parent that is not there',
      code: 'broken-chain',
      breaks: (text) =>
        changeLine(
          text,
          (line) => line['type'] === 'assistant',
          (line) => ({ ...line, parentUuid: uuid(77, 77) }),
        ),
    },
    {
      name: 'a call without its result: the agent drops the call',
      code: 'call-without-result',
      breaks: (text) =>
        changeLine(
          text,
          (line) => JSON.stringify(line).includes('tool_result'),
          (line) => ({
            ...line,
            message: { role: 'user', content: 'something else' },
          }),
        ),
    },
  ],
};
