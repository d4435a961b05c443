import assert from 'node:assert/strict';
import { geminiReader } from '../../../src/agents/gemini/reader.ts';
import type { TranscriptReader } from '../../../src/agents/index.ts';
import { fold, outline, pushAll } from '../support/transcripts.ts';
import { asked, call, header, response, said } from './lines.ts';

function read(lines: readonly object[], root?: string): TranscriptReader {
  const beside = root === undefined ? {} : { beside: new Map([['.project_root', root]]) };
  const reader = geminiReader({ transcript: '/t/session-1.jsonl', ...beside });
  pushAll(reader, lines);
  return reader;
}

const idsOf = (reader: TranscriptReader) => reader.messages().map(({ id }) => id);

describe('records of the Gemini CLI that are told in odd ways', () => {
  it('pairs calls and results that have no ids by name and order, each result once', () => {
    const made = (name: string, path: string) => ({ functionCall: { name, args: { file_path: path } } });
    const given = (name: string, output: string) => ({ functionResponse: { name, response: { output } } });
    const lines = [
      ...[header(), asked('u1', 'one')],
      said('g2', '', { content: [made('read_file', '/w/a'), made('glob', '*'), made('read_file', '/w/b')] }),
      { id: 'u3', type: 'user', content: [given('glob', 'none'), given('read_file', 'A\n')] },
      { id: 'u4', type: 'user', content: [given('read_file', 'B\n')] },
      said('g5', '', { content: [made('read_file', '/w/c')] }),
      { id: 'u6', type: 'user', content: [given('read_file', 'C\n')] },
    ];
    const reader = read(lines);
    const expected =
      'user(one) assistant(read_file#g2-0 glob#g2-1 read_file#g2-2) tool(#g2-1 #g2-0) tool(#g2-2) ' +
      'assistant(read_file#g5-0) tool(#g5-0)';
    assert.equal(outline(reader.messages()), expected);
    assert.deepEqual(
      reader.takeTouches().map(({ path, text }) => [path, text]),
      [
        ['/w/a', 'A\n'],
        ['/w/b', 'B\n'],
        ['/w/c', 'C\n'],
      ],
    );
    // Told anew, they are the same.
    pushAll(reader, [lines[3] as object, lines[4] as object]);
    assert.equal(outline(reader.messages()), expected);
  });

  it('keeps ids apart where a record has the id that the results of another have', () => {
    const lines = [
      ...[header(), asked('u1', 'one')],
      said('g2', 'I look', { toolCalls: [call('t1', 'read_file', {}, 'x')] }),
      { id: 'g2_response', type: 'user', content: [response('t9', 'glob', 'y'), { text: 'and go on' }] },
      said('g3', 'done'),
    ];
    const reader = read(lines);
    assert.deepEqual(idsOf(reader), ['u1', 'g2', 'g2_response', 'g2_response-2', 'g3']);
    const later = geminiReader({ transcript: '/t/session-1.jsonl' });
    const events = lines.flatMap((line) => {
      pushAll(later, [line]);
      return later.takeEvents();
    });
    assert.deepEqual(
      fold(events).map(({ id }) => id),
      idsOf(reader),
    );
  });

  it('tells the last message anew, and its results behind it, without taking anything back', () => {
    const reader = read([header(), asked('u1', 'one'), said('g2', 'I look', { toolCalls: [call('t1', 'glob', {})] })]);
    reader.takeEvents();
    pushAll(reader, [said('g2', 'I look', { toolCalls: [call('t1', 'glob', {}, 'x'), call('t2', 'glob', {})] })]);
    assert.deepEqual(
      reader.takeEvents().map((event) => (event.type === 'message' ? event.message.id : event.type)),
      ['g2', 'g2_response'],
    );
  });

  it('keeps parts of kinds that are not known, under no name that has a shape of its own', () => {
    const odd = [{ text: 5 }, { image: 1 }, { tool_call: {} }, { video: 'x' }];
    const reader = read([header(), { id: 'u1', type: 'user', content: odd }]);
    assert.deepEqual(reader.messages()[0]?.content, [
      { text: 5, type: 'text-reference' },
      { image: 1, type: 'image-reference' },
      { tool_call: {}, type: 'tool_call-reference' },
      { video: 'x', type: 'video' },
    ]);
  });

  it('counts what was typed in the conversation as it stands', () => {
    const reader = read([header(), asked('u1', 'one'), asked('u2', 'two'), { $rewindTo: 'u2' }, asked('u3', 'three')]);
    assert.deepEqual([reader.facts().metadata.turns, reader.counts().prompts], [2, 3]);
  });

  it('claims no file of a command that failed, and no whole file where no result is told', () => {
    const ran = (id: string, command: string, output: string) =>
      said(`g${id}`, '', { toolCalls: [call(id, 'run_shell_command', { command }, output)] });
    const reader = read(
      [
        header(),
        ran('1', 'cat a', 'Output: no such file\nExit Code: 1'),
        ran('2', 'cat b', 'Output: text'),
        said('g3', '', { toolCalls: [call('t3', 'read_file', { file_path: 'c' })] }),
      ],
      '/w',
    );
    assert.deepEqual(
      reader.takeTouches().map(({ path, full }) => [path, full]),
      [
        ['/w/b', true],
        ['/w/c', false],
      ],
    );
  });
});
