import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, changeLine, lines, SAYS, uuid, without } from './words.ts';

function rollout(folder: string, number: number, minimal: boolean): string {
  const line = (second: number, type: string, payload: object): object => ({ timestamp: at(second), type, payload });
  const item = (second: number, payload: object): object => line(second, 'response_item', payload);
  const output = (text: string): string => `Exit code: 0\nWall time: 0 seconds\nOutput:\n${text}`;
  const patch = `*** Begin Patch\n*** Update File: hello.ts\n@@\n-${SAYS.content}+${SAYS.content.replace(SAYS.edit.old, SAYS.edit.new)}*** End Patch`;
  const call = { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"cat hello.ts"}', call_id: 'call_1' };
  return lines([
    line(0, 'session_meta', {
      id: uuid(number),
      timestamp: at(0),
      cwd: folder,
      originator: 'codex_cli_rs',
      cli_version: '0.169.0',
      ...(minimal ? {} : { source: 'cli', model_provider: 'openai', git: { branch: 'main' } }),
    }),
    ...(minimal
      ? []
      : [
          line(1, 'event_msg', { type: 'task_started', turn_id: 't1' }),
          line(1, 'turn_context', { cwd: folder, model: 'gpt-5.5', approval_policy: 'never' }),
        ]),
    item(1, { type: 'message', role: 'user', content: [{ type: 'input_text', text: SAYS.prompt }] }),
    ...(minimal ? [] : [line(1, 'event_msg', { type: 'user_message', message: SAYS.prompt })]),
    item(2, call),
    item(3, { type: 'function_call_output', call_id: 'call_1', output: output(SAYS.content) }),
    item(4, { type: 'custom_tool_call', name: 'apply_patch', input: patch, call_id: 'call_2' }),
    item(5, {
      type: 'custom_tool_call_output',
      call_id: 'call_2',
      output: output('Success. Updated the following files:\nM hello.ts\n'),
    }),
    item(6, { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: SAYS.done }] }),
    ...(minimal
      ? []
      : [
          line(6, 'event_msg', {
            type: 'token_count',
            info: {
              total_token_usage: { input_tokens: 9, cached_input_tokens: 0, output_tokens: 6, total_tokens: 15 },
            },
          }),
          line(6, 'event_msg', { type: 'task_complete', turn_id: 't1' }),
        ]),
  ]);
}

function sample(name: string, minimal: boolean): Sample {
  return {
    name,
    put: ({ home }, folder, number) =>
      putText(
        join(home, '.codex/sessions/2026/11/20', `rollout-2026-11-20T10-00-00-${uuid(number)}.jsonl`),
        rollout(folder, number, minimal),
      ),
    outline:
      `user(${SAYS.prompt}) assistant(exec_command#call_1) tool(#call_1) ` +
      `assistant(apply_patch#call_2) tool(#call_2) assistant(${SAYS.done})`,
    counts: {
      prompts: 1,
      assistantMessages: 1,
      toolCalls: 2,
      reads: 1,
      fullReads: 1,
      edits: 1,
      versions: ['0.169.0'],
      ...(minimal ? {} : { models: ['gpt-5.5'], tokensIn: 9, tokensOut: 6 }),
    },
  };
}

const isItem = (line: { readonly [field: string]: unknown }): boolean => line['type'] === 'response_item';

/** FORMATS 2; the failures that the agent passes over in silence: AGENT-CLIS 2. */
export const codexSamples: Samples = {
  transcripts: [sample('a turn with every field', false), sample('a turn of the smallest form', true)],
  broken: [
    {
      name: 'a line without a time: the agent drops the line',
      code: 'no-timestamp',
      breaks: (text) => changeLine(text, isItem, without('timestamp')),
    },
    {
      name: 'a rollout without its first line',
      code: 'no-header',
      breaks: (text) => changeLine(text, (_, at) => at === 0, undefined),
    },
    ...['cwd', 'originator', 'cli_version'].map((field) => ({
      name: `a first line without its ${field}`,
      code: 'header-field-missing' as const,
      breaks: (text: string) =>
        changeLine(
          text,
          (_, at) => at === 0,
          (line) => ({
            ...line,
            payload: without(field)(line['payload'] as Record<string, unknown>),
          }),
        ),
    })),
    {
      name: 'another id in the first line than in the name: the agent goes on under the other',
      code: 'wrong-session-id',
      breaks: (text) =>
        changeLine(
          text,
          (_, at) => at === 0,
          (line) => ({
            ...line,
            payload: { ...(line['payload'] as object), id: uuid(77) },
          }),
        ),
    },
    {
      name: 'a thread without a `user_message` event: `--last` starts a new one',
      code: 'not-listed',
      breaks: (text) =>
        lines(
          text
            .trimEnd()
            .split('\n')
            .filter((line) => !line.includes('"user_message"'))
            .map((line) => JSON.parse(line)),
        ),
    },
    {
      name: 'a call without its result',
      code: 'call-without-result',
      breaks: (text) => changeLine(text, (line) => JSON.stringify(line).includes('call_output"'), undefined),
    },
  ],
};
