import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  hookFile,
  hookFolders,
  hookStamps,
  importTranscript,
  stampLine,
  withHookStamps,
} from '../../../src/agents/index.ts';
import { sha256, stampFile, toEntry } from '../../../src/core/index.ts';

const ID = '5f0c3a52-7d1e-4b8e-9a63-2f1d6c0b7e41';
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 10, 0, seconds)).toISOString();

describe('what hooks noted, in a session that is saved', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-stamps-')));
    fs.mkdirSync(path.join(folder, '.sessions', 'hooks'), { recursive: true });
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('takes the place of what a transcript told of the same call or an earlier one', () => {
    const stamp = (seconds: number) => new Map([['a.js', { sha256: 'hook', seen_at: at(seconds) }]]);
    const told = { 'a.js': { text_sha256: 'told', seen_at: at(10), message: 4 }, 'b.js': { seen_at: at(1) } };
    assert.deepEqual(withHookStamps(told, stamp(9)), {
      'a.js': { sha256: 'hook', seen_at: at(9), message: 4 },
      'b.js': { seen_at: at(1) },
    });
    assert.deepEqual(withHookStamps(told, stamp(5)), told);
    assert.deepEqual(withHookStamps({ 'a.js': {} }, stamp(5)), { 'a.js': {} });
    assert.equal(withHookStamps(told, new Map()), told);
  });

  it('makes known what a transcript alone leaves open: the bytes after an edit whose text is not told', async () => {
    const file = path.join(folder, 'a.js');
    fs.writeFileSync(file, 'after\n');
    const use = {
      type: 'tool_use',
      id: 't1',
      name: 'Edit',
      input: { file_path: file, old_string: 'x', new_string: 'y' },
    };
    const result = { type: 'tool_result', tool_use_id: 't1', content: 'ok' };
    const common = { sessionId: ID, cwd: folder, version: '2.1.329', timestamp: at(0) };
    const lines = [
      { ...common, type: 'user', uuid: 'u1', parentUuid: null, message: { role: 'user', content: 'go' } },
      { ...common, type: 'assistant', uuid: 'u2', parentUuid: 'u1', message: { role: 'assistant', content: [use] } },
      { ...common, type: 'user', uuid: 'u3', parentUuid: 'u2', message: { role: 'user', content: [result] } },
    ];
    const transcript = path.join(folder, `${ID}.jsonl`);
    fs.writeFileSync(transcript, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const entry = async () => {
      const imported = await importTranscript(transcript, { folder, now: Date.now, random: () => '0123456789abcdef' });
      assert.equal(imported.kind, 'imported');
      return imported.kind === 'imported' ? imported.session.body.read_cache?.['a.js'] : undefined;
    };
    assert.equal((await entry())?.sha256, undefined);
    const found = await stampFile(file);
    assert.equal(found.kind, 'stamped');
    const [hooks = ''] = hookFolders(folder, undefined);
    const stamp = found.kind === 'stamped' ? toEntry(found.stamp) : {};
    fs.writeFileSync(
      hookFile(hooks, 'claude-code', ID) ?? '',
      stampLine({ path: file, at: Date.parse(at(1)), entry: stamp }),
    );
    assert.equal((await entry())?.sha256, await sha256(fs.readFileSync(file)));
    assert.equal((await entry())?.message, 2);
  });

  it('is nothing for agents without hooks, ids that are none, and folders without sessions', async () => {
    assert.equal((await hookStamps(folder, 'cline', ID)).size, 0);
    assert.equal((await hookStamps(folder, 'codex', '../../x')).size, 0);
    assert.equal(hookFile(folder, 'codex', 'a/b'), undefined);
    fs.rmSync(path.join(folder, '.sessions'), { recursive: true });
    assert.deepEqual(hookFolders(folder, undefined), []);
    assert.equal((await hookStamps(folder, 'codex', ID)).size, 0);
  });
});
