import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, lines, SAYS, uuid } from './words.ts';

const ms = (second: number): number => Date.parse(at(second));

function request(folder: string): object {
  const filePath = join(folder, 'hello.ts');
  const called = (id: string, name: string, input: object): object => ({ id, name, arguments: JSON.stringify(input) });
  const edit = { filePath, oldString: SAYS.edit.old, newString: SAYS.edit.new };
  const result = (value: string): object => ({ $mid: 20, content: [{ $mid: 21, value }] });
  return {
    requestId: 'request_1',
    timestamp: ms(1),
    message: { text: SAYS.prompt, parts: [{ text: SAYS.prompt, kind: 'text' }] },
    variableData: { variables: [] },
    modelId: 'copilot/gpt-5.5',
    response: [{ value: SAYS.plan }, { value: SAYS.done }],
    responseId: 'response_1',
    result: {
      timings: { firstProgress: 1000, totalElapsed: 5000 },
      metadata: {
        toolCallRounds: [
          { id: 'r1', response: '', toolCalls: [called('call_1', 'read_file', { filePath })] },
          { id: 'r2', response: SAYS.plan, toolCalls: [called('call_2', 'replace_string_in_file', edit)] },
          { id: 'r3', response: SAYS.done, toolCalls: [] },
        ],
        toolCallResults: { call_1: result(SAYS.content), call_2: result('The file was edited') },
      },
    },
  };
}

const chat = (folder: string, number: number, requests = [request(folder)]): object => ({
  version: 3,
  sessionId: uuid(number),
  creationDate: ms(0),
  lastMessageDate: ms(1),
  requesterUsername: 'somebody',
  responderUsername: 'GitHub Copilot',
  initialLocation: 'panel',
  requests,
});

function sample(name: string, ending: 'json' | 'jsonl', text: (folder: string, number: number) => string): Sample {
  return {
    name,
    async put({ userData = '' }, folder, number) {
      const storage = join(userData, 'workspaceStorage/0123456789abcdef');
      await putText(join(storage, 'workspace.json'), JSON.stringify({ folder: pathToFileURL(folder).href }));
      return putText(join(storage, 'chatSessions', `${uuid(number)}.${ending}`), text(folder, number));
    },
    outline:
      `user(${SAYS.prompt}) assistant(read_file#call_1) tool(#call_1) ` +
      `assistant(${SAYS.plan} replace_string_in_file#call_2) tool(#call_2) assistant(${SAYS.done})`,
    counts: {
      prompts: 1,
      assistantMessages: 3,
      toolCalls: 2,
      reads: 1,
      fullReads: 1,
      edits: 1,
      models: ['copilot/gpt-5.5'],
    },
  };
}

const change = (edit: (request: Record<string, unknown>) => object) => (text: string) => {
  const { requests, ...rest } = JSON.parse(text);
  return JSON.stringify({ ...rest, requests: requests.map(edit) });
};

/** FORMATS 4A. */
export const copilotChatSamples: Samples = {
  transcripts: [
    sample('a chat of one object', 'json', (folder, number) => JSON.stringify(chat(folder, number), null, 2)),
    sample('a log of changes', 'jsonl', (folder, number) =>
      lines([
        { kind: 0, v: chat(folder, number, []) },
        { kind: 2, k: ['requests'], v: [{ ...request(folder), response: [], result: undefined }] },
        { kind: 2, k: ['requests', 0, 'response'], v: [{ value: SAYS.plan }, { value: SAYS.done }] },
        { kind: 1, k: ['requests', 0, 'result'], v: (request(folder) as { result: object }).result },
      ]),
    ),
  ],
  broken: [
    {
      name: 'a request without an answer: it is in no history',
      code: 'header-field-missing',
      breaks: change(({ response: _, ...rest }) => rest),
    },
    {
      name: 'a request without an id',
      code: 'no-message-id',
      breaks: change(({ requestId: _, ...rest }) => rest),
    },
    {
      name: 'a call without its result',
      code: 'call-without-result',
      breaks: (text) => text.replaceAll(/"toolCallResults":\s*\{/g, '"results":{'),
    },
  ],
};
