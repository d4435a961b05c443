import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rooCode } from '../../../src/agents/rooCode/index.ts';

const text = (words: string) => ({ type: 'text', text: words });

function read(records: readonly object[]) {
  const reader = rooCode.reader({ transcript: '/x/tasks/a/api_conversation_history.json' });
  for (const [index, record] of records.entries())
    reader.push(JSON.stringify(record), { from: 0, to: 0, number: index + 1, key: '' });
  return reader;
}

describe('a task of Roo Code', () => {
  it('leaves out what a summary or a cut stands for, as long as that is there, and keeps the ids of the rest', () => {
    const records = [
      { role: 'user', content: [text('<task>Begin</task>')] },
      { role: 'assistant', content: [text('condensed')], condenseParent: 'k1' },
      { role: 'user', content: [text('cut')], truncationParent: 't1' },
      { role: 'user', content: [text('taken back')], condenseParent: 'gone' },
      { role: 'user', content: [text('What was said')], isSummary: true, condenseId: 'k1' },
      { role: 'assistant', content: [text('On')], truncationId: 't1' },
    ];
    const all = read(records);
    assert.deepEqual(
      all.messages().map(({ id, role }) => [id, role]),
      [
        ['m0', 'user'],
        ['m3', 'user'],
        ['m4', 'summary'],
        ['m5', 'assistant'],
      ],
    );
    assert.deepEqual(
      read(records.slice(0, 4))
        .messages()
        .map(({ id }) => id),
      ['m0', 'm1', 'm2', 'm3'],
    );
    assert.equal(all.facts().config.agent_type, 'roo-code');
  });

  it('tells its edits, and reads of several files in one call', () => {
    const reader = read([
      {
        role: 'user',
        content: [
          text('<task>x</task>'),
          text('<environment_details>\n# Current Workspace Directory (/w) Files\n</environment_details>'),
        ],
      },
      {
        role: 'assistant',
        content: [
          text('<read_file><args><file><path>a.ts</path></file><file><path>b.ts</path></file></args></read_file>'),
        ],
      },
      { role: 'user', content: [text("[read_file for 'a.ts'] Result:\n<files></files>")] },
      { role: 'assistant', content: [text('<apply_diff><path>a.ts</path><diff>x</diff></apply_diff>')] },
      { role: 'user', content: [text("[apply_diff for 'a.ts'] Result:\nok")] },
    ]);
    assert.deepEqual(
      reader.takeTouches().map(({ path, op }) => [path, op]),
      [
        ['/w/b.ts', 'read'],
        ['/w/a.ts', 'edit'],
      ],
    );
    assert.deepEqual([reader.counts().reads, reader.counts().edits], [2, 1]);
  });

  it('is found by what it notes of itself, in any profile, and is given no sessions', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-roo-')));
    try {
      const put = async (file: string, value: unknown): Promise<void> => {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, JSON.stringify(value));
      };
      const tasks = join(root, 'User', 'profiles', 'p', 'globalStorage', 'rooveterinaryinc.roo-cline', 'tasks');
      for (const [id, workspace] of [
        ['one', root],
        ['two', '/elsewhere'],
      ] as const) {
        await put(join(tasks, id, 'api_conversation_history.json'), [{ role: 'user', content: 'x' }]);
        await put(join(tasks, id, 'history_item.json'), { id, workspace, task: `Task ${id}` });
      }
      const found = await rooCode.find({ home: root, userData: join(root, 'User') }, root);
      assert.deepEqual(
        found.map(({ nativeId, title, agent }) => [nativeId, title, agent]),
        [['one', 'Task one', 'roo-code']],
      );
      assert.equal(rooCode.native, undefined);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it("is told from Cline's by its folder or its marks", () => {
    const task = '[{"role":"user","content":"x"}]';
    assert.ok(
      rooCode.recognises(task, '/u/globalStorage/rooveterinaryinc.roo-cline/tasks/a/api_conversation_history.json'),
    );
    assert.ok(
      rooCode.recognises(task, 'C:\\u\\globalStorage\\kilocode.kilo-code\\tasks\\a\\api_conversation_history.json'),
    );
    assert.ok(
      rooCode.recognises('[{"role":"user","content":"x","condenseParent":"k"}]', '/x/api_conversation_history.json'),
    );
    assert.equal(rooCode.recognises(task, '/u/saoudrizwan.claude-dev/tasks/1/api_conversation_history.json'), false);
  });
});
