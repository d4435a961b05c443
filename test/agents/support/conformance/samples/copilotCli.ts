import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, changeLine, lines, SAYS, uuid, without } from './words.ts';

type Line = { readonly [field: string]: unknown };

function events(folder: string, number: number): readonly object[] {
  const path = join(folder, 'hello.ts');
  const model = 'claude-sonnet-4.6';
  const context = { cwd: folder, gitRoot: folder, branch: 'main' };
  const start = { sessionId: uuid(number), version: 1, producer: 'copilot-agent', copilotVersion: '1.0.102' };
  const called = (toolCallId: string, name: string, args: object) => ({
    toolRequests: [{ toolCallId, name, arguments: args, type: 'function' }],
  });
  const edit = { path, old_str: SAYS.edit.old, new_str: SAYS.edit.new };
  const usage = { model, inputTokens: 9, outputTokens: 6, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const told: readonly (readonly [string, object])[] = [
    ['session.start', { ...start, startTime: at(0), context }],
    ['user.message', { content: SAYS.prompt }],
    ['assistant.message', { messageId: uuid(number, 101), model, content: '', ...called('call_1', 'view', { path }) }],
    ['tool.execution_start', { toolCallId: 'call_1', toolName: 'view', arguments: { path } }],
    ['tool.execution_complete', { toolCallId: 'call_1', success: true, result: { content: SAYS.content } }],
    [
      'assistant.message',
      { messageId: uuid(number, 102), model, content: SAYS.plan, ...called('call_2', 'edit', edit) },
    ],
    ['tool.execution_complete', { toolCallId: 'call_2', success: true, result: { content: `File ${path} updated` } }],
    ['assistant.message', { messageId: uuid(number, 103), model, content: SAYS.done, toolRequests: [] }],
    ['session.usage_record', { usage }],
  ];
  return told.map(([type, data], index) => ({
    ...{ type, data, id: uuid(number, index + 1), timestamp: at(index) },
    parentId: index === 0 ? null : uuid(number, index),
  }));
}

const sample: Sample = {
  name: 'a session of events',
  async put({ home }, folder, number) {
    const session = join(home, '.copilot/session-state', uuid(number));
    await putText(join(session, 'workspace.yaml'), `id: ${uuid(number)}\ncwd: ${folder}\nbranch: main\n`);
    return putText(join(session, 'events.jsonl'), lines(events(folder, number)));
  },
  outline:
    `user(${SAYS.prompt}) assistant(view#call_1) tool(#call_1) ` +
    `assistant(${SAYS.plan} edit#call_2) tool(#call_2) assistant(${SAYS.done})`,
  counts: {
    prompts: 1,
    assistantMessages: 3,
    toolCalls: 2,
    reads: 1,
    fullReads: 1,
    edits: 1,
    models: ['claude-sonnet-4.6'],
    versions: ['1.0.102'],
    tokensIn: 9,
    tokensOut: 6,
  },
};

const isType = (type: string) => (line: Line) => line['type'] === type;
const inData =
  (change: (data: Record<string, unknown>) => object) =>
  (line: Record<string, unknown>): object => ({ ...line, data: change(line['data'] as Record<string, unknown>) });

/** FORMATS 4B; what the agent passes over, or makes up, in silence: AGENT-CLIS 6. */
export const copilotCliSamples: Samples = {
  transcripts: [sample],
  broken: [
    {
      name: 'an id in the first line that is not the one of the folder: the agent goes on under the inner one',
      code: 'wrong-session-id',
      breaks: (text) =>
        changeLine(
          text,
          isType('session.start'),
          inData((data) => ({ ...data, sessionId: uuid(77) })),
        ),
    },
    {
      name: 'a call without its result: the agent makes one up',
      code: 'call-without-result',
      breaks: (text) => changeLine(text, isType('tool.execution_complete'), undefined),
    },
    {
      name: 'a result without its call: the agent drops it',
      code: 'result-without-call',
      breaks: (text) =>
        changeLine(
          text,
          isType('tool.execution_complete'),
          inData((data) => ({ ...data, toolCallId: 'other' })),
        ),
    },
    {
      name: 'a line that is no JSON: the agent does not see it',
      code: 'not-json',
      breaks: (text) => text.replace('\n', '\n{"type":"user.message",\n'),
    },
    ...['version', 'producer', 'copilotVersion', 'startTime'].map((field) => ({
      name: `a first line without its ${field}`,
      code: 'header-field-missing' as const,
      breaks: (text: string) => changeLine(text, isType('session.start'), inData(without(field))),
    })),
    {
      name: 'events without a first line',
      code: 'no-header',
      breaks: (text) => changeLine(text, isType('session.start'), undefined),
    },
    {
      name: 'an event without its id',
      code: 'no-message-id',
      breaks: (text) => changeLine(text, isType('user.message'), without('id')),
    },
    {
      name: 'an event without its time',
      code: 'no-timestamp',
      breaks: (text) => changeLine(text, isType('user.message'), without('timestamp')),
    },
  ],
};
