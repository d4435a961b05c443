import assert from 'node:assert/strict';
import { cline } from '../../../src/agents/cline/index.ts';
import type { Message } from '../../../src/core/index.ts';

const AT = 1_795_000_000_000;
const text = (words: string) => ({ type: 'text', text: words });
const NOISE = text('<environment_details>\n# Current Working Directory (/w/shop) Files\na.ts\n</environment_details>');

function readTask(records: readonly unknown[], beside?: Readonly<Record<string, unknown>>, key = '') {
  const texts = new Map(Object.entries(beside ?? {}).map(([name, value]) => [name, JSON.stringify(value)]));
  const reader = cline.reader({ transcript: '/x/tasks/1795000000000/api_conversation_history.json', beside: texts });
  for (const [index, record] of records.entries())
    reader.push(JSON.stringify(record), { from: 0, to: 0, number: index + 1, key });
  return reader;
}

const said = ({ role, content }: Message): unknown => [role, content];

describe("a task of Cline's extension", () => {
  it('is read with its calls in text, their results, and without what the agent adds to each prompt', () => {
    const reader = readTask([
      {
        role: 'user',
        content: [text('<task>\nLook at a.ts\n</task>'), text('\n# task_progress RECOMMENDED\n…'), NOISE],
        ts: AT,
      },
      { role: 'assistant', content: [text('Reading.\n<read_file>\n<path>a.ts</path>\n</read_file>')], ts: AT + 1 },
      {
        role: 'user',
        content: [
          text("[read_file for 'a.ts'] Result:\n1 | one\n2 | <task>kept</task>\n\n(File has 2 lines total.)"),
          NOISE,
        ],
        ts: AT + 2,
      },
      { role: 'assistant', content: '<attempt_completion>\n<result>Seen.</result>\n</attempt_completion>', ts: AT + 3 },
      { role: 'user', content: [text('[attempt_completion] Result:\n<feedback>\nMore, please\n</feedback>'), NOISE] },
      {
        role: 'user',
        content: [
          text('[TASK RESUMPTION] This task was interrupted'),
          text('New instructions:\n<user_message>\nGo on\n</user_message>'),
        ],
      },
    ]);
    const call = { type: 'tool_call', id: 'call_1_0', name: 'read_file', input: { path: 'a.ts' } };
    assert.deepEqual(reader.messages().map(said), [
      ['user', 'Look at a.ts'],
      ['assistant', [text('Reading.'), call]],
      [
        'tool',
        [
          {
            type: 'tool_result',
            call_id: 'call_1_0',
            output: '1 | one\n2 | <task>kept</task>\n\n(File has 2 lines total.)',
          },
        ],
      ],
      ['assistant', [text('Seen.')]],
      ['user', 'More, please'],
      ['system', '[TASK RESUMPTION] This task was interrupted'],
      ['user', 'Go on'],
    ]);
    assert.deepEqual(
      reader.messages().map(({ id }) => id),
      ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm5.1'],
    );
    assert.equal(reader.facts().cwd, '/w/shop');
    assert.equal(reader.counts().prompts, 3);
  });

  it('is read with native calls, too', () => {
    const reader = readTask([
      { role: 'user', content: 'plain words' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          text('<read_file> is a tool'),
          { type: 'tool_use', id: 't1', name: 'read_file', input: { path: '/w/a' } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 't1',
            content: [
              text("[read_file for '/w/a'] Result:\nfailed"),
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
            ],
            is_error: true,
          },
          NOISE,
        ],
      },
    ]);
    assert.deepEqual(reader.messages().slice(1).map(said), [
      [
        'assistant',
        [
          { type: 'reasoning', text: 'hm', signature: 's' },
          text('<read_file> is a tool'),
          { type: 'tool_call', id: 't1', name: 'read_file', input: { path: '/w/a' } },
        ],
      ],
      [
        'tool',
        [
          { type: 'tool_result', call_id: 't1', output: 'failed', is_error: true },
          { type: 'image', media_type: 'image/png', data: 'AAAA', call_id: 't1' },
        ],
      ],
    ]);
    assert.equal(reader.counts().reads, 0);
  });

  it('loses no words to tags that a person typed, or that stand in a file', () => {
    const reader = readTask([
      { role: 'user', content: [text('<task>\nWhat is </task> for?\n</task>'), NOISE] },
      { role: 'assistant', content: '<read_file><path>a</path></read_file>' },
      { role: 'user', content: [text("[read_file for 'a'] Result:"), NOISE, text('one <task>kept</task>')] },
      { role: 'user', content: [text('<feedback>\nNo\n</feedback>\nand </feedback> more')] },
    ]);
    assert.deepEqual(reader.messages().map(said), [
      ['user', 'What is </task> for?'],
      ['assistant', [{ type: 'tool_call', id: 'call_1_0', name: 'read_file', input: { path: 'a' } }]],
      ['tool', [{ type: 'tool_result', call_id: 'call_1_0', output: 'one <task>kept</task>' }]],
      ['system', 'and </feedback> more'],
      ['user', 'No'],
    ]);
  });

  it('tells what its calls did to files, in whatever folder it ran', () => {
    const call = (xml: string) => ({ role: 'assistant', content: [text(xml)] });
    const result = (name: string, words: string) => ({
      role: 'user',
      content: [text(`[${name} for 'x'] Result:\n${words}`)],
      ts: AT,
    });
    const item = {
      id: '1795000000000',
      cwdOnTaskInitialization: 'C:\\w\\shop',
      task: 'A title',
      tokensIn: 5,
      tokensOut: 2,
      totalCost: 0.5,
    };
    const reader = readTask(
      [
        { role: 'user', content: [text('<task>x</task>')] },
        call('<write_to_file><path>src/new.ts</path><content>\nfresh\n</content></write_to_file>'),
        result('write_to_file', 'Saved\n<final_file_content path="src/new.ts">\nfresh\n\n</final_file_content>\n'),
        call('<read_file><path>src/part.ts</path><start_line>3</start_line></read_file>'),
        result('read_file', '3 | x'),
        call('<replace_in_file><path>src/old.ts</path><diff>x</diff></replace_in_file>'),
        result('replace_in_file', 'The tool execution failed with the following error: no match'),
        call('<replace_in_file><path>src/new.ts</path><diff>x</diff></replace_in_file>'),
        result('replace_in_file', 'Saved\n<final_file_content path="src/new.ts">\nedited\n</final_file_content>'),
      ],
      {
        'taskHistory.json': [{ id: 'other' }, item],
        'task_metadata.json': {
          files_in_context: [
            { path: 'src/new.ts', record_source: 'cline_edited', cline_edit_date: AT },
            { path: 'seen.ts', record_source: 'file_mentioned', cline_read_date: AT },
            { path: 'theirs.ts', record_source: 'user_edited', user_edit_date: AT },
          ],
          model_usage: [{ model_id: 'm', model_provider_id: 'p', mode: 'act' }],
          environment_history: [{ cline_version: '3.82.0' }],
        },
      },
    );
    const touches = reader.takeTouches();
    assert.deepEqual(
      touches.map(({ path, op, full, text: whole }) => [path, op, full, whole]),
      [
        ['C:\\w\\shop\\seen.ts', 'read', false, undefined],
        ['C:\\w\\shop\\src\\part.ts', 'read', false, undefined],
        ['C:\\w\\shop\\src\\new.ts', 'edit', true, 'edited'],
      ],
    );
    assert.deepEqual(reader.takeTouches(), []);
    const { reads, fullReads, edits, tokensIn } = reader.counts();
    assert.deepEqual({ reads, fullReads, edits, tokensIn }, { reads: 1, fullReads: 0, edits: 2, tokensIn: 5 });
    const { config, source, metadata, title } = reader.facts();
    assert.deepEqual(
      [config.llm_model, config.llm_provider, source.version, source.native_id],
      ['m', 'p', '3.82.0', '1795000000000'],
    );
    assert.deepEqual([metadata.total_cost_usd, title], [0.5, 'A title']);
  });

  it('is read from what its view shows where that is all there is, and what streams is told once', () => {
    const reader = readTask([
      { ts: AT, type: 'say', say: 'text', text: 'Make it' },
      { ts: AT, type: 'say', say: 'api_req_started', text: '{"tokensIn":10,"tokensOut":2,"cacheReads":5,"cost":0.1}' },
      { ts: AT, type: 'say', say: 'text', text: 'I will', partial: true },
      { ts: AT, type: 'say', say: 'text', text: 'I will do it' },
      { ts: AT, type: 'say', say: 'tool', text: '{"tool":"readFile","path":"a"}' },
      { ts: AT, type: 'say', say: 'user_feedback', text: 'Also that' },
      { ts: AT, type: 'ask', ask: 'followup', text: '{"question":"Which?","options":[]}' },
    ]);
    assert.deepEqual(reader.messages().map(said), [
      ['user', 'Make it'],
      ['assistant', [text('I will do it')]],
      ['assistant', [{ type: 'tool_call', id: 'call_4', name: 'readFile', input: { path: 'a' } }]],
      ['user', 'Also that'],
      ['assistant', [text('Which?')]],
    ]);
    assert.equal(reader.counts().tokensIn, 15);
  });

  it('takes values of any type anywhere, and files beside it that are torn', () => {
    const odd: readonly unknown[] = [null, 7, '', [], [[]], {}, [null, 1, 'x', {}], { type: 'text' }];
    for (const value of odd) {
      const reader = readTask(
        [
          value,
          { role: 'user', content: value },
          { role: 'assistant', content: [value], metrics: value, modelInfo: value, ts: value },
          { role: value, content: 'x' },
        ],
        {
          'taskHistory.json': value,
          'task_metadata.json': { files_in_context: value, model_usage: [value] },
          'ui_messages.json': value,
          'history_item.json': value,
        },
      );
      reader.takeTouches();
      reader.facts();
      reader.counts();
      assert.equal(new Set(reader.messages().map(({ id }) => id)).size, reader.messages().length);
    }
    const torn = cline.reader({
      transcript: 'x',
      beside: new Map([
        ['manifest', '{'],
        ['task_metadata.json', '[1'],
      ]),
    });
    torn.push('{"role":', { from: 0, to: 0, number: 1, key: '' });
    assert.deepEqual(
      torn.problems().map(({ code }) => code),
      ['bad-json'],
    );
  });
});

describe("a session of Cline's SDK", () => {
  const messages = [
    {
      id: 'user_0001',
      role: 'user',
      content: [
        text('<user_input mode="act">Look</user_input>'),
        { type: 'file', path: '/w/a.ts', content: 'one\ntwo\n' },
      ],
      ts: AT,
    },
    {
      id: 'msg_0001',
      role: 'assistant',
      content: [
        {
          type: 'tool_use',
          id: 'c1',
          name: 'read_files',
          input: { files: [{ path: '/w/b.ts' }, { path: '/w/c.ts', start_line: 2, end_line: 3 }, { path: '/w/no' }] },
        },
        { type: 'tool_use', id: 'c2', name: 'editor', input: { path: '/w/a.ts', old_text: 'two', new_text: 'TWO' } },
      ],
      modelInfo: { id: 'm', provider: 'p' },
      metrics: { inputTokens: 100, outputTokens: 7, cacheReadTokens: 60, cacheWriteTokens: 10 },
      ts: AT,
    },
    {
      id: 'msg_0002',
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'c1',
          content: [
            { query: '/w/b.ts', result: '1 | x', success: true },
            { query: 'c', result: '2 | y\n3 | z', success: true },
            { query: 'no', result: 'missing', success: false },
          ],
        },
        { type: 'tool_result', tool_use_id: 'c2', content: '{"result":"Edited","success":true}' },
        text('and on'),
      ],
      ts: AT + 1000,
    },
  ];

  it('is read with results before what was typed with them, its files and its tokens', () => {
    const reader = readTask(
      messages,
      {
        manifest: {
          session_id: '1795_x',
          cwd: '/w',
          model: 'now',
          metadata: { title: 'T', fork: { forkedFromSessionId: 'f' } },
        },
      },
      'messages',
    );
    assert.deepEqual(
      reader.messages().map(({ id, role }) => [id, role]),
      [
        ['user_0001', 'user'],
        ['msg_0001', 'assistant'],
        ['msg_0002', 'tool'],
        ['msg_0002.1', 'user'],
      ],
    );
    assert.deepEqual(
      reader.takeTouches().map(({ path, op, full, text: whole }) => [path, op, full, whole]),
      [
        ['/w/b.ts', 'read', true, undefined],
        ['/w/c.ts', 'read', false, undefined],
        ['/w/a.ts', 'edit', true, 'one\nTWO\n'],
      ],
    );
    const { reads, fullReads, edits, toolCalls, prompts, tokensIn, tokensOut } = reader.counts();
    assert.deepEqual([reads, fullReads, edits, toolCalls, prompts, tokensIn, tokensOut], [2, 1, 1, 2, 2, 100, 7]);
    const { config, source, title, metadata } = reader.facts();
    assert.deepEqual([config.llm_model, source['forked_from'], title], ['now', 'f', 'T']);
    assert.deepEqual(metadata.by_model, { m: { input: 30, output: 7, cache_read: 60, cache_write: 10 } });
  });

  it('has ids of its own where two messages call themselves the same', () => {
    const reader = readTask(
      [messages[0], messages[0], { ...messages[0], id: 7 }, { ...messages[0], id: '../../x' }],
      {},
      'messages',
    );
    assert.deepEqual(
      reader.messages().map(({ id }) => id),
      ['user_0001', 'm1', 'm2', 'm3'],
    );
  });
});

describe('a file of Cline', () => {
  it('is known by its name and marks; an array that has none belongs to nobody', () => {
    const plain = '[{"role":"user","content":"hi"}]';
    assert.ok(cline.recognises(plain, '/x/api_conversation_history.json'));
    assert.equal(cline.recognises(plain, '/x/messages.json'), false);
    assert.ok(
      cline.recognises('[{"role":"user","content":[{"type":"text","text":"<environment_details>"}]}]', '/x/copy.json'),
    );
    assert.ok(cline.recognises('[{"ts":1,"type":"say","say":"text","text":"x"}]', '/x/ui_messages.json'));
    assert.ok(
      cline.recognises(
        '{\n "version": 1,\n "updated_at": "x", "agent": "lead", "sessionId": "1_a", "messages": [',
        '/x/1_a.messages.json',
      ),
    );
    for (const text of ['', '{}', '[]', '{"version":1,"session_id":"x"}', '"x"'])
      assert.equal(cline.recognises(text, '/x/api_conversation_history.json'), false, text);
  });
});
