import assert from 'node:assert/strict';
import { copilotChat } from '../../../src/agents/copilotChat/index.ts';
import type { Message } from '../../../src/core/index.ts';
import { fold } from '../support/transcripts.ts';

const AT = 1_795_000_000_000;
const tool = (id: string, name: string, input: object) => ({ id, name, arguments: JSON.stringify(input) });
const result = (value: unknown) => ({ $mid: 20, content: [{ $mid: 21, value }] });

function request(fields: object = {}): object {
  return {
    requestId: 'request_one',
    timestamp: AT,
    message: { text: 'Look at it', parts: [] },
    modelId: 'copilot/gpt-5',
    response: [{ value: 'Done.' }],
    ...fields,
  };
}

function readRequests(...requests: readonly object[]) {
  const reader = copilotChat.reader({ transcript: '/x/chat.json' });
  for (const [index, one] of requests.entries())
    reader.push(JSON.stringify(one), { from: 0, to: 0, number: index + 1, key: 'requests' });
  return reader;
}

function readLog(entries: readonly (object | string)[]) {
  const reader = copilotChat.reader({ transcript: '/x/chat.jsonl' });
  let number = 0;
  const push = (entry: object | string): void => {
    number += 1;
    reader.push(typeof entry === 'string' ? entry : JSON.stringify(entry), { from: 0, to: 1, number });
  };
  for (const entry of entries) push(entry);
  return { reader, push };
}

const says = ({ role, content }: Message): unknown => [role, typeof content === 'string' ? content : content];

describe('a chat of Copilot', () => {
  it('is read in the rounds of its model, each call with its result, plain or as a tree', () => {
    const tree = {
      node: {
        type: 1,
        children: [
          { type: 2, text: 'one ' },
          { type: 1, children: [{ type: 2, text: 'two' }] },
        ],
      },
    };
    const reader = readRequests(
      request({
        result: {
          metadata: {
            toolCallRounds: [
              {
                response: 'Reading',
                thinking: { text: ['why', ' not'] },
                toolCalls: [tool('c1', 'read_file', { filePath: '/w/a' })],
              },
              { response: '', toolCalls: [tool('c2', 'grep_search', { query: 'x' }), tool('c3', 'odd', {})] },
              { response: 'That is it', toolCalls: [] },
            ],
            toolCallResults: { c1: result('plain'), c2: result(tree) },
          },
        },
      }),
    );
    assert.deepEqual(reader.messages().map(says), [
      ['user', 'Look at it'],
      [
        'assistant',
        [
          { type: 'reasoning', text: 'why not' },
          { type: 'text', text: 'Reading' },
          { type: 'tool_call', id: 'c1', name: 'read_file', input: { filePath: '/w/a' } },
        ],
      ],
      ['tool', [{ type: 'tool_result', call_id: 'c1', output: 'plain' }]],
      [
        'assistant',
        [
          { type: 'tool_call', id: 'c2', name: 'grep_search', input: { query: 'x' } },
          { type: 'tool_call', id: 'c3', name: 'odd', input: {} },
        ],
      ],
      ['tool', [{ type: 'tool_result', call_id: 'c2', output: 'one two' }]],
      ['assistant', [{ type: 'text', text: 'That is it' }]],
    ]);
    assert.deepEqual(
      reader.messages().map(({ id }) => id),
      ['request_one', 'request_one.1', 'request_one.2', 'request_one.3', 'request_one.4', 'request_one.5'],
    );
  });

  it('is read as it was shown where no rounds are recorded', () => {
    const reader = readRequests(
      request({
        response: [
          { kind: 'thinking', value: 'hm' },
          { value: 'See ' },
          { kind: 'inlineReference', inlineReference: { fsPath: '/w/src/a.ts', scheme: 'file', path: '/w/src/a.ts' } },
          { kind: 'undoStop', id: 'x' },
          {
            kind: 'toolInvocationSerialized',
            toolId: 'run_in_terminal',
            toolCallId: 't1',
            toolSpecificData: { kind: 'terminal', commandLine: { original: 'npm test' } },
            pastTenseMessage: { value: 'Ran it' },
            isComplete: true,
          },
          { kind: 'markdownContent', content: { value: 'Good.' } },
        ],
      }),
    );
    assert.deepEqual(reader.messages().slice(1).map(says), [
      [
        'assistant',
        [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'See `a.ts`' },
          { type: 'tool_call', id: 't1', name: 'run_in_terminal', input: { command: 'npm test' } },
        ],
      ],
      ['tool', [{ type: 'tool_result', call_id: 't1', output: 'Ran it' }]],
      ['assistant', [{ type: 'text', text: 'Good.' }]],
    ]);
  });

  it('tells attachments as parts, a slash command as a prompt, errors and cancelling as what they are', () => {
    const reader = readRequests(
      request({
        variableData: {
          variables: [
            {
              kind: 'file',
              name: 'a.ts',
              value: { $mid: 1, scheme: 'file', path: '/w/a b.ts', external: 'file:///w/a%20b.ts' },
            },
            { kind: 'file', name: 'far', value: { scheme: 'vscode-remote', path: '/r/a' } },
            { kind: 'image', name: 'shot', mimeType: 'image/png', value: { $base64: 'AAAA' } },
          ],
        },
      }),
      { requestId: 'request_two', slashCommand: { name: 'explain' }, message: { text: '' }, isCanceled: true },
      { requestId: 'request_three', message: 'plain', result: { errorDetails: { message: 'rate limited' } } },
    );
    const [first, ...rest] = reader.messages();
    assert.deepEqual(first?.content, [
      { type: 'text', text: 'Look at it' },
      { type: 'file', path: '/w/a b.ts', name: 'a.ts' },
      { type: 'image', media_type: 'image/png', data: 'AAAA' },
    ]);
    assert.deepEqual(rest.slice(1).map(says), [
      ['user', '/explain'],
      ['system', '[canceled]'],
      ['user', 'plain'],
      ['system', 'rate limited'],
    ]);
    assert.equal(reader.counts().prompts, 3);
  });

  it('leaves out what the user took back', () => {
    assert.deepEqual(readRequests(request({ isHidden: true })).messages(), []);
    assert.deepEqual(readRequests(request({ shouldBeRemovedOnSend: { requestId: 'x' } })).messages(), []);
  });

  it('follows what calls did to files: whole texts where they are certain, and times that hide no foreign change', () => {
    const calls = [
      tool('c1', 'read_file', { filePath: '/w/a.ts', startLine: 1, endLine: 3 }),
      tool('c2', 'replace_string_in_file', { filePath: '/w/a.ts', oldString: 'two', newString: 'TWO' }),
      tool('c3', 'create_file', { filePath: '/w/new.ts', content: 'fresh\n' }),
      tool('c4', 'read_file', { filePath: '/w/part.ts', startLine: 5, endLine: 6 }),
      tool('c5', 'multi_replace_string_in_file', {
        replacements: [
          { filePath: '/w/x', oldString: 'a', newString: 'b' },
          { filePath: '/w/y', oldString: 'a', newString: 'b' },
        ],
      }),
      tool('c6', 'apply_patch', {
        input: '*** Begin Patch\n*** Add File: /w/added\n+hi\n*** Delete File: /w/gone\n*** End Patch',
      }),
      tool('c7', 'replace_string_in_file', { filePath: '/w/failed', oldString: 'a', newString: 'b' }),
    ];
    const reader = readRequests(
      request({
        response: [{ kind: 'textEditGroup', uri: { scheme: 'file', path: '/w/shown.ts' }, edits: [] }],
        result: {
          timings: { totalElapsed: 9000 },
          metadata: {
            toolCallRounds: [{ response: '', toolCalls: calls }],
            toolCallResults: {
              c1: result('File: `/w/a.ts`. Lines 1 to 3 (3 lines total): \n```ts\none\ntwo\n\n```'),
              c2: result('The file was edited'),
              c3: result('ok'),
              c4: result('File: `/w/part.ts`. Lines 5 to 6 (20 lines total): \n```\nx\ny\n```'),
              c5: result('ok'),
              c6: result('ok'),
              c7: result('ERROR while calling tool: no match'),
            },
          },
        },
      }),
    );
    const touches = new Map(reader.takeTouches().map((touch) => [touch.path, touch]));
    assert.equal(touches.get('/w/a.ts')?.text, 'one\nTWO\n');
    assert.equal(touches.get('/w/new.ts')?.text, 'fresh\n');
    assert.equal(touches.get('/w/part.ts')?.full, false);
    assert.equal(touches.get('/w/part.ts')?.at, new Date(AT).toISOString());
    assert.equal(touches.get('/w/a.ts')?.at, new Date(AT + 9000).toISOString());
    assert.equal(touches.get('/w/added')?.text, 'hi\n');
    assert.equal(touches.get('/w/gone')?.op, 'delete');
    assert.equal(touches.get('/w/shown.ts')?.op, 'edit');
    assert.equal(touches.has('/w/failed'), false);
    const { reads, fullReads, edits, toolCalls } = reader.counts();
    assert.deepEqual({ reads, fullReads, edits, toolCalls }, { reads: 2, fullReads: 1, edits: 6, toolCalls: 7 });
  });

  it('counts tokens of the request, of its result, or of the metadata', () => {
    const reader = readRequests(
      request({ promptTokens: 10, completionTokens: 1 }),
      request({ requestId: 'request_b', result: { usage: { promptTokens: 20, completionTokens: 2 } } }),
      request({ requestId: 'request_c', result: { promptTokens: 30, outputTokens: 3 } }),
    );
    const { tokensIn, tokensOut } = reader.counts();
    assert.deepEqual({ tokensIn, tokensOut }, { tokensIn: 60, tokensOut: 6 });
  });

  it('grows as its log does: an answer is told anew under its id, and what was truncated is taken back', () => {
    const { reader, push } = readLog([
      { kind: 0, v: { sessionId: 's', creationDate: AT, requests: [] } },
      { kind: 2, k: ['requests'], v: [request({ response: [] })] },
    ]);
    const events = [...reader.takeEvents()];
    assert.deepEqual(
      events.map((event) => event.type),
      ['message'],
    );
    push({ kind: 2, k: ['requests', 0, 'response'], v: [{ value: 'Half' }] });
    events.push(...reader.takeEvents());
    push({ kind: 2, k: ['requests', 0, 'response'], i: 0, v: [{ value: 'Whole' }] });
    const more = reader.takeEvents();
    assert.deepEqual(
      more.map((event) => event.type === 'message' && event.message.id),
      ['request_one.1'],
    );
    events.push(...more);
    push({ kind: 2, k: ['requests'], v: [request({ requestId: 'request_two' })] });
    events.push(...reader.takeEvents());
    push({ kind: 2, k: ['requests'], i: 1, v: [request({ requestId: 'request_three' })] });
    events.push(...reader.takeEvents());
    assert.deepEqual(fold(events), reader.messages());
    assert.deepEqual(
      reader.messages().map(({ id }) => id),
      ['request_one', 'request_one.1', 'request_three', 'request_three.1'],
    );
    assert.deepEqual(reader.takeEvents(), []);
  });

  it('stops at a line that is no entry, keeps what was there, and goes on where the log begins anew', () => {
    const { reader, push } = readLog([
      { kind: 0, v: { requests: [request()] } },
      '{"kind":1,"k":["customTi',
      { kind: 1, k: ['requests', 0, 'message'], v: 'lost' },
    ]);
    assert.deepEqual(
      reader.messages().map(({ role }) => role),
      ['user', 'assistant'],
    );
    assert.deepEqual(
      reader.problems().map(({ code, line }) => [code, line]),
      [['bad-json', 2]],
    );
    push({ kind: 0, v: { customTitle: 'Again', requests: [] } });
    assert.deepEqual(reader.messages(), []);
    assert.equal(reader.facts().title, 'Again');
  });

  it('gives each message an id of its own, whatever requests call themselves', () => {
    const requests = ['request_one', 'request_one', '', 'r3', '../../x', 'request_one.1', '__proto__', 7, null];
    const reader = readRequests(...requests.map((requestId) => request({ requestId })));
    const ids = reader.messages().map(({ id }) => id);
    assert.equal(ids.length, 2 * requests.length);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('reads 100,000 entries, each request as often as it changed', function () {
    this.timeout(60_000);
    const entries = 100_000;
    const { reader, push } = readLog([{ kind: 0, v: { requests: [] } }]);
    for (let index = 0; index < entries / 2; index += 1) {
      push({ kind: 2, k: ['requests'], v: [{ requestId: `request_${index}`, message: { text: 'x' }, response: [] }] });
      push({ kind: 2, k: ['requests', index, 'response'], v: [{ value: 'y' }] });
    }
    assert.equal(reader.messages().length, entries);
    assert.equal(reader.takeEvents().length, entries);
  });

  it('takes values of any type anywhere', () => {
    const odd: readonly unknown[] = [null, 7, '', 'x', [], [[]], {}, { value: 3 }, [null, 1, 'a', {}]];
    for (const field of [
      'message',
      'response',
      'result',
      'variableData',
      'agent',
      'modelId',
      'timestamp',
      'modelState',
    ]) {
      for (const value of odd) {
        const reader = readRequests(request({ [field]: value }), request({ result: { metadata: value } }));
        reader.messages();
        reader.takeTouches();
        reader.facts();
        reader.counts();
      }
    }
    const reader = copilotChat.reader({ transcript: '/x/chat.json' });
    reader.push('{"requestId":', { from: 0, to: 1, number: 1, key: 'requests' });
    reader.push('[]', { from: 0, to: 1, number: 2, key: 'requests' });
    reader.push('{', { from: 0, to: 1, number: 3, key: 'customTitle' });
    assert.deepEqual(
      reader.problems().map(({ code }) => code),
      ['bad-json', 'bad-shape', 'bad-json'],
    );
  });
});
