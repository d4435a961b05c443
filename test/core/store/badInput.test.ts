import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { skipBecause } from '../../support/skip.ts';
import { run } from './runScript.ts';
import { sampleFolder } from './samples.ts';
import { contents, loaded, message, session, useWorkspace } from './workspace.ts';

interface Looked {
  readonly listed: number;
  readonly readers: number;
  readonly kinds: readonly string[];
}

/** Bad input is shown with its problem, kept as it is, and refused for writing. */
describe('bad input', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  const cases: readonly (readonly [what: string, content: string | Uint8Array, code: string])[] = [
    ['a file of 0 bytes', '', 'empty-file'],
    ['a file that is not JSON', 'hello', 'bad-json'],
    ['an array', '[1,2]', 'bad-json'],
    ['an object that is no session', '{"a":1}', 'bad-shape'],
    ['a text of brackets', '['.repeat(100_000), 'bad-json'],
    ['NUL bytes', Buffer.alloc(5000), 'bad-json'],
  ];
  for (const [what, content, code] of cases) {
    it(`lists ${what} with ${code}, opens it not, and never overwrites it`, async () => {
      const { store, write, root } = workspace();
      write('x.json', content);
      write('.gitignore', '*\n');
      const before = contents(root);
      assert.deepEqual(
        (await store.list()).map(({ name, problems }) => [name, problems[0]?.code]),
        [['x', code]],
      );
      const opened = await store.open('x');
      assert.equal(opened.kind === 'unreadable' && opened.problems[0]?.code, code);
      assert.equal((await store.save('x', session(['m1']), undefined)).kind, 'read-only');
      assert.equal((await store.append('x', [{ type: 'message', message: message('m') }])).kind, 'read-only');
      assert.equal((await store.fold('x')).kind, 'read-only');
      assert.equal((await store.fork('x', { name: 'y' })).kind, 'read-only');
      assert.deepEqual(contents(root), before);
    });
  }

  it('lists a folder named like a snapshot, and a link that leads out, without following it', async () => {
    const { store, root, folder, write } = workspace();
    write('a.json', '');
    fs.mkdirSync(path.join(root, 'folder.json'));
    const secret = path.join(folder, 'secret.json');
    fs.writeFileSync(secret, JSON.stringify({ session_id: 's', created_at: '', history: [] }));
    fs.symlinkSync(secret, path.join(root, 'link.json'));
    const rows = new Map((await store.list()).map((row) => [row.name, row]));
    assert.deepEqual(rows.get('folder')?.problems, [{ code: 'not-a-file', detail: 'directory' }]);
    assert.deepEqual(rows.get('link')?.problems, [{ code: 'not-a-file', detail: 'symlink' }]);
    assert.equal(rows.get('link')?.head, undefined);
    assert.equal((await store.open('link')).kind, 'unreadable');
    assert.equal((await store.save('link', session(['m1']), undefined)).kind, 'read-only');
  });

  it('follows no link of a cloned folder: not a journal, not the trash, not what lies beside', async () => {
    const { store, folder, root, file } = workspace();
    const outside = fs.mkdtempSync(path.join(path.dirname(folder), 'holdfast-outside-'));
    try {
      await store.save('a', session(['m1']), undefined);
      fs.writeFileSync(path.join(outside, 'j'), 'private\n');
      fs.symlinkSync(path.join(outside, 'j'), file('a.journal.jsonl'));
      for (const name of ['trash', 'blobs', 'raw', '.cache']) fs.symlinkSync(outside, path.join(root, name));
      const opened = await store.open('a');
      assert.deepEqual(opened.kind === 'unreadable' && opened.problems, [{ code: 'unreadable', detail: 'ELOOP' }]);
      assert.deepEqual((await store.list())[0]?.problems, [{ code: 'unreadable', detail: 'ELOOP' }]);
      assert.equal((await store.append('a', [{ type: 'message', message: message('m2') }])).kind, 'read-only');
      const deleted = await store.delete('a');
      assert.equal(deleted.kind === 'io' && deleted.code, 'EACCES');
      assert.deepEqual(await store.listTrash(), []);
      await assert.rejects(store.putBlob(Buffer.from('x')), { code: 'ENOTDIR' });
      await assert.rejects(store.mirrorRaw('s-1', path.join(outside, 'j')), { code: 'ENOTDIR' });
      assert.deepEqual(fs.readdirSync(outside), ['j']);
      assert.equal(fs.readFileSync(path.join(outside, 'j'), 'utf8'), 'private\n');
    } finally {
      fs.rmSync(outside, { recursive: true });
    }
  });

  it('waits for no pipe that came with an archive, and reads no device that a link leads to', async function () {
    if (process.platform === 'win32') skipBecause(this, 'named pipes and devices are POSIX');
    this.timeout(60_000);
    const { store, folder, file } = workspace();
    await store.save('a', session(['m1'], { read_cache: { 'x.ts': { message: 1 } } }), undefined);
    const looked = async (names: readonly string[], place: (at: string) => void) => {
      const old = new Date(Date.now() - 60_000);
      for (const name of names) {
        const at = file(name);
        fs.mkdirSync(path.dirname(at), { recursive: true });
        fs.rmSync(at, { force: true });
        place(at);
        // A lock of nobody knows whom goes by its age.
        fs.lutimesSync(at, old, old);
      }
      const looked = await run<Looked>('openerChild.ts', folder);
      for (const name of names) fs.rmSync(file(name), { force: true });
      return looked;
    };
    const pipe = (at: string) => void execFileSync('mkfifo', [at]);
    const device = (at: string) => fs.symlinkSync('/dev/zero', at);
    for (const place of [pipe, device]) {
      const beside = ['.cache/list.jsonl', '.cache/readers.jsonl', 'a.lock', 'leases/s-1.lock'];
      assert.deepEqual(await looked(beside, place), { listed: 1, readers: 1, kinds: ['open', 'appended', 'taken'] });
      for (const name of ['a.journal.jsonl', 'a.folding.jsonl']) {
        const kinds = ['unreadable', 'read-only', 'taken'];
        assert.deepEqual(await looked([name], place), { listed: 1, readers: 0, kinds }, name);
      }
    }
  });

  it('opens a newer schema to be read, and never writes it', async () => {
    const { store, read, write } = workspace();
    await store.save('a', session(['m1', 'm2'], { marvel: 1 }), undefined);
    write('a.json', read('a.json').replace('holdfast/1', 'holdfast/2'));
    const before = read('a.json');
    const [row] = await store.list();
    assert.equal(row?.readOnly, true);
    assert.equal(row?.problems[0]?.code, 'newer-schema');
    assert.equal(row?.head?.session_id, 's-1');
    const result = await store.load('a');
    assert.equal(result.kind === 'loaded' && result.readOnly, true);
    assert.equal(result.kind === 'loaded' && result.session.history.length, 2);
    assert.equal((await store.save('a', session(['m1']), 1)).kind, 'read-only');
    assert.equal((await store.append('a', [{ type: 'message', message: message('m') }])).kind, 'read-only');
    assert.equal(read('a.json'), before);
  });

  it('recovers every whole message of a snapshot cut at any byte, and never writes it', async () => {
    const { store, read, write } = workspace();
    await store.save('a', session(['m1', 'm2', 'm3']), undefined);
    const whole = read('a.json');
    const start = whole.indexOf('"history":[') + 12;
    for (let cut = start; cut < whole.length - 2; cut++) {
      write('a.json', whole.slice(0, cut));
      const result = await store.load('a');
      assert.equal(result.kind, 'loaded', `cut at ${cut}`);
      if (result.kind !== 'loaded') continue;
      const complete = whole.slice(start, cut).split('\n').length - 1;
      assert.deepEqual(
        result.session.history.map(({ id }) => id),
        ['m1', 'm2', 'm3'].slice(0, complete),
        `cut at ${cut}`,
      );
      assert.equal(result.readOnly, true);
      assert.ok(result.problems.some(({ code }) => code === 'truncated'));
      assert.deepEqual((await store.list())[0]?.problems, [{ code: 'truncated' }], `cut at ${cut}`);
      assert.equal((await store.append('a', [{ type: 'cut', keep: 1 }])).kind, 'read-only', `cut at ${cut}`);
    }
    write('a.json', whole.slice(0, -12));
    assert.equal((await store.list())[0]?.problems[0]?.code, 'truncated');
    assert.equal((await store.save('a', session(['m1']), 1)).kind, 'read-only');
    assert.equal(read('a.json'), whole.slice(0, -12));
  });

  it('keeps a message that is none in its place, with its text, and says which', async () => {
    const { store, read, write } = workspace();
    await store.save('a', session(['m1', 'm2', 'm3', 'm4']), undefined);
    const deep = `{"id":"m3","role":"user","content":"","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const text = read('a.json')
      .replace('{"id":"m2","role":"user","content":"text of m2"}', '{"id":"m2",broken}')
      .replace('{"id":"m3","role":"user","content":"text of m3"}', deep);
    write('a.json', text);
    const result = await store.load('a');
    if (result.kind !== 'loaded') throw new Error(result.kind);
    assert.deepEqual(result.problems, [
      { code: 'bad-json', detail: 'message 2' },
      { code: 'bad-shape', detail: 'message 3' },
    ]);
    assert.deepEqual(
      result.session.history.map(({ id }) => id),
      ['m1', 'm2', 'm3', 'm4'],
    );
    assert.equal((await store.save('a', result.session, 1)).kind, 'saved');
    const after = await loaded(store, 'a');
    assert.equal(after.history[1]?.['damaged'], '{"id":"m2",broken}');
    assert.equal(after.history[2]?.['damaged'], deep);
  });

  it('appends a message that nests too deep as one that says so', async () => {
    const { store } = workspace();
    await store.save('a', session(['m1']), undefined);
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    const nested = { ...message('m2'), deep };
    assert.equal((await store.append('a', [{ type: 'message', message: nested }])).kind, 'appended');
    assert.equal((await loaded(store, 'a')).history[1]?.['damaged'], 'nesting');
  });

  it('tells of duplicate ids, bytes that are no UTF-8 and fields of a wrong type', async () => {
    const { store, read, write } = workspace();
    await store.save('a', session(['m1', 'm1', 'm2'], { title: 'T' }), undefined);
    const bytes = Buffer.from(read('a.json').replace('"title":"T"', '"title":7'));
    bytes[bytes.lastIndexOf('text of m2')] = 0xff;
    write('a.json', bytes);
    const result = await store.load('a');
    if (result.kind !== 'loaded') throw new Error(result.kind);
    assert.deepEqual(result.problems, [
      { code: 'bad-shape', detail: 'title' },
      { code: 'invalid-utf8', detail: 'message 3' },
      { code: 'duplicate-id', detail: 'm1' },
    ]);
    assert.equal(result.session.history[2]?.content, '\ufffdext of m2');
    assert.equal(result.readOnly, true);
  });

  it('loads any layout: minified, indented, with a byte order mark, history first', async () => {
    const { store, write } = workspace();
    const fields = {
      history: session(['m1', 'm2']).history,
      session_id: 's-1',
      created_at: '2026',
      schema: 'holdfast/1',
    };
    const tricky = { ...fields, 'a"]}': 'x\\"]}{', history: [message('m1', '"]}\\'), message('m2')] };
    const texts = [
      JSON.stringify(tricky),
      JSON.stringify(tricky, null, 2),
      `\ufeff${JSON.stringify(tricky, null, '\t')}\r\n`,
      `{\n"schema":"holdfast/1",\n"session_id":"s-1",\n"history":[\n${JSON.stringify(tricky.history[0], null, 1)},\n{"id":"m2","role":"user","content":"text of m2"}\n]}\n`,
    ];
    for (const text of texts) {
      write('a.json', text);
      const result = await store.load('a');
      if (result.kind !== 'loaded') throw new Error(JSON.stringify(result));
      assert.deepEqual(result.session.history, tricky.history);
      assert.equal((await store.list())[0]?.head?.session_id, 's-1');
    }
  });

  it('lists the rest when a file vanishes between the listing and the reading', async () => {
    const { store, root, another } = workspace();
    for (const name of ['a', 'b', 'c']) await store.save(name, session(['m1'], { session_id: name }), undefined);
    const lister = another();
    const { readdir } = fs.promises;
    const vanish = async (folder: string) => {
      const names = await readdir(folder);
      fs.unlinkSync(path.join(root, 'b.json'));
      return names;
    };
    Object.assign(fs.promises, { readdir: vanish });
    try {
      assert.deepEqual((await lister.list()).map(({ name }) => name).sort(), ['a', 'c']);
    } finally {
      Object.assign(fs.promises, { readdir });
    }
    assert.deepEqual(await lister.open('b'), { kind: 'missing' });
  });

  it('loads a session of HelloAgents as it is, and turns it into a snapshot only when it is written', async function () {
    const folder = sampleFolder(this, 'helloagents');
    const { store, write, read } = workspace();
    const text = fs.readFileSync(path.join(folder, 'lab__recorded/15796e8/demo.json'), 'utf8');
    write('session-auto.json', text);
    const [row] = await store.list();
    assert.equal(row?.head?.message_count, 4);
    assert.equal(row?.head?.metadata?.total_tokens, 2552);
    const before = await loaded(store, 'session-auto');
    assert.deepEqual(
      before.history.map(({ id }) => id),
      ['m1', 'm2', 'm3', 'm4'],
    );
    assert.equal(read('session-auto.json'), text);
    await store.append('session-auto', [{ type: 'message', message: message('m5') }]);
    assert.equal(read('session-auto.json'), text);
    assert.equal((await store.fold('session-auto')).kind, 'saved');
    const after = await loaded(store, 'session-auto');
    assert.deepEqual(after.history.slice(0, 4), before.history);
    assert.deepEqual(after.body.read_cache, before.body.read_cache);
    assert.equal(after.history.length, 5);
  });
});
