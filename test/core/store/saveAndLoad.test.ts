import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { openStore, toHelloAgents } from '../../../src/core/index.ts';
import { thisMachine } from '../../../src/core/store/lease/machine.ts';
import { contents, ids, loaded, message, session, useWorkspace } from './workspace.ts';

describe('a store', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  it('creates nothing until the first save, and then a private folder that git ignores', async () => {
    const { store, folder, root, read } = workspace();
    assert.deepEqual(await store.list(), []);
    assert.deepEqual(await store.load('a'), { kind: 'missing' });
    assert.deepEqual(fs.readdirSync(folder), []);
    await store.save('a', session(['m1']), undefined);
    assert.equal(read('.gitignore'), '*\n');
    assert.equal(fs.statSync(root).mode & 0o777, 0o700);
    assert.equal(fs.statSync(path.join(root, 'a.json')).mode & 0o777, 0o600);
  });

  it('writes one field per line, the head first, and the history last with one message per line', async () => {
    const { store, read } = workspace();
    const body = { read_cache: { 'a.ts': { file_size_bytes: 1 } }, title: 'T', later: { unknown: true } };
    await store.save('a', session(['m1', 'm2'], body), undefined);
    const lines = read('a.json').split('\n');
    assert.equal(lines[0], '{');
    assert.equal(lines[1], '"schema":"holdfast/1",');
    assert.deepEqual(lines.slice(-7), [
      '"read_cache":{"a.ts":{"file_size_bytes":1}},',
      '"later":{"unknown":true},',
      '"history":[',
      '{"id":"m1","role":"user","content":"text of m1"},',
      '{"id":"m2","role":"user","content":"text of m2"}',
      ']}',
      '',
    ]);
    assert.equal(JSON.parse(read('a.json')).message_count, 2);
  });

  it('keeps what it does not know, surrogates and prototype keys included', async () => {
    const { store } = workspace();
    const history = [
      JSON.parse(
        '{"id":"m1","role":"assistant","content":[{"type":"hologram","beam":[1]}],"x":null,"__proto__":{"a":1}}',
      ),
      message('m2', 'lone \ud800 surrogate, 中文, \u2028, \u0000'),
    ];
    const before = { ...session([], { constructor: 'c' }), history };
    await store.save('a', before, undefined);
    await store.append('a', [
      { type: 'message', message: history[0] },
      { type: 'message', message: history[1] },
    ]);
    await store.fold('a');
    const after = await loaded(store, 'a');
    assert.equal(JSON.stringify(after.history), JSON.stringify(history));
    assert.equal(after.body['constructor'], 'c');
    assert.equal(Object.getPrototypeOf(after.history[0]), Object.prototype);
  });

  it('counts revisions, and tells the second of two savers', async () => {
    const { store, another } = workspace();
    const second = another();
    assert.deepEqual(await store.save('a', session(['m1']), undefined), {
      kind: 'saved',
      revision: 1,
      file: workspace().file('a.json'),
    });
    const [mine, theirs] = [await loaded(store, 'a'), await loaded(second, 'a')];
    assert.equal((await store.save('a', { ...mine, history: [message('m1'), message('m2')] }, 1)).kind, 'saved');
    assert.deepEqual(await second.save('a', theirs, 1), { kind: 'conflict', theirs: 2 });
    assert.deepEqual(await ids(store, 'a'), ['m1', 'm2']);
  });

  it('does not take the name of another session, nor save one that is gone', async () => {
    const { store } = workspace();
    await store.save('a', session(['m1']), undefined);
    assert.deepEqual(await store.save('a', session([], { session_id: 's-2' }), undefined), {
      kind: 'exists',
      sessionId: 's-1',
    });
    assert.deepEqual(await store.save('a', session([], { session_id: 's-2' }), 1), {
      kind: 'exists',
      sessionId: 's-1',
    });
    assert.deepEqual(await store.save('b', session([]), 3), { kind: 'missing' });
  });

  it('folds into a save what others appended since it was loaded, and only that', async () => {
    const { store, another } = workspace();
    await store.save('a', session(['m1', 'm2', 'm3']), undefined);
    await store.append('a', [{ type: 'head', set: { title: 'old' } }]);
    const mine = await loaded(store, 'a');
    await another().append('a', [{ type: 'message', message: message('m4') }]);
    const edited = { body: { ...mine.body, title: 'new' }, history: mine.history.slice(0, 2) };
    assert.equal((await store.save('a', edited, 1)).kind, 'saved');
    const after = await loaded(store, 'a');
    assert.equal(after.body.title, 'new');
    assert.deepEqual(
      after.history.map(({ id }) => id),
      ['m1', 'm2', 'm4'],
    );
  });

  it('keeps the old file and no temporary one when the disk is full', async () => {
    const { store, read, files } = workspace();
    await store.save('a', session(['m1']), undefined);
    const before = read('a.json');
    await withFailure('fsync', 'ENOSPC', async () => {
      const outcome = await store.save('a', session(['m1', 'm2']), 1);
      assert.equal(outcome.kind === 'io' && outcome.code, 'ENOSPC');
      const fresh = await store.save('b', session(['m1'], { session_id: 's-2' }), undefined);
      assert.equal(fresh.kind === 'io' && fresh.code, 'ENOSPC');
    });
    assert.equal(read('a.json'), before);
    assert.deepEqual(files(), ['.gitignore', 'a.json']);
    assert.equal((await store.save('a', session(['m1', 'm2']), 1)).kind, 'saved');
  });

  it('leaves no empty lock and no empty .gitignore behind when not even they find room', async () => {
    const { store, files } = workspace();
    const write = fs.writeFileSync;
    Object.assign(fs, {
      writeFileSync: () => {
        throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    });
    try {
      const outcome = await store.save('a', session(['m1']), undefined);
      assert.equal(outcome.kind === 'io' && outcome.code, 'ENOSPC');
    } finally {
      Object.assign(fs, { writeFileSync: write });
    }
    assert.deepEqual(files(), []);
    assert.equal((await store.save('a', session(['m1']), undefined)).kind, 'saved');
    assert.deepEqual(files(), ['.gitignore', 'a.json']);
  });

  it('says so when an append fails, and goes on after it on a line of its own', async () => {
    const { store, read } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    const write = fs.write;
    // The disk takes half of the line and then nothing more.
    let calls = 0;
    const half = (fd: number, bytes: Buffer, from: number, length: number, at: null, done: Callback) => {
      calls += 1;
      if (calls > 1) done(Object.assign(new Error('full'), { code: 'ENOSPC' }), 0);
      else write(fd, bytes, from, length >> 1, at, done);
    };
    Object.assign(fs, { write: half });
    try {
      const outcome = await store.append('a', [{ type: 'message', message: message('m3') }]);
      assert.equal(outcome.kind === 'io' && outcome.code, 'ENOSPC');
    } finally {
      Object.assign(fs, { write });
    }
    assert.equal((await store.append('a', [{ type: 'message', message: message('m4') }])).kind, 'appended');
    const result = await store.load('a');
    assert.deepEqual(result.kind === 'loaded' && result.recovered, { events: 2, of: 3 });
    assert.deepEqual(await ids(store, 'a'), ['m1', 'm2', 'm4']);
    assert.equal(read('a.journal.jsonl').split('\n').length, 5);
  });

  it('refuses a sessions folder outside of the workspace, linked or named', async () => {
    const { folder, store } = workspace();
    const outside = fs.mkdtempSync(path.join(path.dirname(folder), 'holdfast-outside-'));
    try {
      fs.symlinkSync(outside, path.join(folder, '.sessions'));
      const named = openStore({ folder, sessionsFolder: '../elsewhere', now: () => 0, random: () => 'ab'.repeat(8) });
      for (const each of [store, named]) {
        const outcome = await each.save('a', session(['m1']), undefined);
        assert.equal(outcome.kind === 'io' && outcome.code, 'EACCES');
        assert.deepEqual(await each.list(), []);
        assert.deepEqual(await each.open('a'), { kind: 'missing' });
      }
      assert.deepEqual(fs.readdirSync(outside), []);
      assert.equal(fs.existsSync(path.join(folder, '..', 'elsewhere')), false);
    } finally {
      fs.rmSync(outside, { recursive: true });
    }
  });

  it('lists, opens and loads without changing a file', async () => {
    const { store, root, another } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    const before = contents(root);
    const reader = another();
    await reader.list();
    await loaded(reader, 'a');
    assert.deepEqual(contents(root), before);
  });

  it('saves a session of HelloAgents with what it does not know, and writes it back for HelloAgents', async () => {
    const { store, write } = workspace();
    const at = (second: number) => `2026-11-21T00:49:${String(second).padStart(2, '0')}.755080`;
    const theirs = {
      session_id: 's-20261121-004935-df74c765',
      created_at: at(35),
      saved_at: at(39),
      agent_config: { name: 'a', agent_type: 'ReActAgent', llm_provider: 'unknown', llm_model: 'big', max_steps: 5 },
      history: [
        { role: 'user', content: 'hi', timestamp: at(38), metadata: { mood: 1 } },
        { role: 'summary', content: 'short', timestamp: at(38), metadata: {} },
      ],
      tool_schema_hash: '0e009af35e3f7d98',
      read_cache: { 'a.js': { file_mtime_ms: 1795222172902, file_size_bytes: 75 } },
      metadata: { created_at: at(34), total_tokens: 2552, total_steps: 2, duration_seconds: 3.3 },
    };
    const unknown = { extra: { deep: [1] }, agent_config: { ...theirs.agent_config, style: 'x' } };
    write('session-auto.json', JSON.stringify({ ...theirs, ...unknown }, null, 2));
    const before = await loaded(store, 'session-auto');
    assert.equal((await store.save('session-auto', before, before.body.revision)).kind, 'saved');
    const after = await loaded(store, 'session-auto');
    assert.deepEqual([after.body['extra'], after.body.agent_config], [unknown.extra, unknown.agent_config]);
    assert.deepEqual(after.history[0], { id: 'm1', ...theirs.history[0] });
    const { saved_at, ...written } = toHelloAgents(after);
    const { saved_at: _, ...given } = { ...theirs, agent_config: unknown.agent_config };
    assert.deepEqual(written, given);
    assert.match(saved_at, /^[\d-]+T[\d:.]+$/);
  });

  it('takes over a lock that is old by the clock of the disk, and waits for a younger one of another machine', async () => {
    const { store, write, file, files } = workspace();
    await store.save('a', session(['m1']), undefined);
    const lock = JSON.stringify({ token: '0123456789abcdef', pid: 1, machine: 'elsewhere', at: '2001' });
    write('a.lock', lock);
    fs.utimesSync(file('a.lock'), Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    assert.equal((await store.save('a', session(['m1', 'm2']), 1)).kind, 'saved');
    write('a.lock', lock);
    const saving = store.save('a', session(['m1', 'm2', 'm3']), 2);
    const first = await Promise.race([saving, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))]);
    assert.equal(first, 'waits');
    fs.rmSync(file('a.lock'));
    assert.equal((await saving).kind, 'saved');
    assert.deepEqual(files(), ['.gitignore', 'a.json']);
  });

  it('takes over the lock of a process that is dead, with its temporary file', async () => {
    const { store, write, files } = workspace();
    await store.save('a', session(['m1']), undefined);
    const token = '0123456789abcdef';
    // No process has this number: Linux stops at 2^22.
    write('a.lock', JSON.stringify({ token, pid: 2 ** 30, machine: thisMachine(), at: '' }));
    write(`a.${token}.tmp`, 'half');
    assert.equal((await store.save('a', session(['m1', 'm2']), 1)).kind, 'saved');
    assert.deepEqual(files(), ['.gitignore', 'a.json']);
  });
});

type Callback = (error: NodeJS.ErrnoException | null, written: number) => void;

/** Runs `work` while one call of the system fails. */
async function withFailure(call: 'fsync', code: string, work: () => Promise<void>): Promise<void> {
  const kept = fs[call];
  const failing = (_fd: number, done: (error: Error) => void) => {
    done(Object.assign(new Error(`${code} (simulated)`), { code }));
  };
  Object.assign(fs, { [call]: failing });
  try {
    await work();
  } finally {
    Object.assign(fs, { [call]: kept });
  }
}
