import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentById, importTranscript } from '../../src/agents/index.ts';
import { createReadCache, openStore, type SessionStore, sweep } from '../../src/core/index.ts';
import { makeSampleWorkspace, type SampleWorkspace } from '../support/sampleWorkspace.ts';
import {
  answered,
  asked,
  called,
  codexMeta,
  outline,
  partOf,
  printed,
  ran,
  resulted,
  SID,
  said,
  toText,
  typed,
} from './support/transcripts.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const random = () => '0123456789abcdef';

describe('the import of a transcript', () => {
  let root: string;
  let sample: SampleWorkspace;
  let store: SessionStore;
  const file = (name: string) => join(root, name);
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-import-')));
    sample = makeSampleWorkspace(root, NOW);
    store = openStore({ folder: sample.folder, now: () => NOW, random });
  });
  afterEach(async () => {
    await store.close();
    await rm(root, { recursive: true });
  });

  async function take(path: string, options: Partial<Parameters<typeof importTranscript>[1]> = {}) {
    const outcome = await importTranscript(path, { folder: sample.folder, now: () => NOW, random, ...options });
    if (outcome.kind !== 'imported') throw new Error(outcome.kind);
    return outcome;
  }
  async function live(title: string) {
    const all = await agentById('claude-code').find({ home: sample.home }, sample.folder);
    const found = all.find((session) => session.title === title);
    assert.ok(found);
    return found.transcript;
  }

  it('makes a whole session that the store saves and loads', async () => {
    const { session, agent, counts, problems } = await take(await live('Login limit'), { store });
    assert.deepEqual([agent, counts.prompts, problems], ['claude-code', 3, []]);
    const { body } = session;
    assert.match(body.session_id, /^s-20261121-01234567$/);
    assert.deepEqual([body.title, body.message_count, body.metadata?.turns], ['Login limit', 19, 3]);
    assert.equal(body.source?.raw?.bytes, (await readFile(await live('Login limit'))).length);
    assert.equal(body.workspace?.git?.branch, 'main');
    assert.equal((await store.save('login', session, undefined)).kind, 'saved');
    const loaded = await store.load('login');
    assert.ok(loaded.kind === 'loaded');
    assert.deepEqual(loaded.session.history, session.history);
  });

  it('rebuilds the read-cache: only the file that changed since is changed', async () => {
    const { session } = await take(await live('Login limit'));
    const found = await sweep(createReadCache(sample.folder, session.body.read_cache));
    assert.deepEqual(Object.fromEntries(found.map(({ key, freshness }) => [key, freshness])), {
      'README.md': 'changed',
      'src/auth.js': 'same',
      'test/auth.test.js': 'same',
    });
  });

  it('puts images and big outputs into blobs', async () => {
    const big = 'x'.repeat(70_000);
    const path = file('big.jsonl');
    await writeFile(
      path,
      toText([
        asked('u1', null, 'go'),
        answered('a2', 'u1', 'm', [called('t', 'Bash', {})]),
        resulted('r3', 'a2', 't', big),
      ]),
    );
    const { session } = await take(path, { store });
    assert.deepEqual(partOf(session.history, 2)['output'], {
      blob: createHash('sha256').update(big).digest('hex'),
      bytes: 70_000,
    });
    const images = (await take(await live('Login limit'), { store })).session.history.flatMap(({ content }) =>
      typeof content === 'string' ? [] : content.filter(({ type }) => type === 'image'),
    );
    assert.equal(typeof (images[0] as unknown as { data: { blob: string } }).data.blob, 'string');
  });

  it('moves a session to another folder by the paths below its own', async () => {
    const path = file('moved.jsonl');
    const text = await readFile(await live('Login limit'), 'utf8');
    await writeFile(path, text.replaceAll(JSON.stringify(sample.folder).slice(1, -1), 'C:\\\\Users\\\\ada\\\\shop'));
    const { session } = await take(path);
    assert.deepEqual(Object.keys(session.body.read_cache ?? {}).sort(), [
      'README.md',
      'src/auth.js',
      'test/auth.test.js',
    ]);
    assert.equal(session.body.workspace?.folder, 'shop');
    assert.equal(session.body.workspace?.git, undefined);
  });

  it('keeps keys relative to the folder for a thread that ran in a folder inside it', async () => {
    const path = file('inside.jsonl');
    await mkdir(join(sample.folder, 'src'), { recursive: true });
    const price = await readFile(join(sample.folder, 'src/price.js'), 'utf8');
    await writeFile(
      path,
      toText([
        codexMeta({ cwd: join(sample.folder, 'src') }),
        typed('x'),
        ran('c', 'cat price.js'),
        printed('c', price),
      ]),
    );
    assert.deepEqual(Object.keys((await take(path)).session.body.read_cache ?? {}), ['src/price.js']);
  });

  it('reads a thread that continues another with all its messages', async () => {
    const day = join(root, 'sessions/2026/11/20');
    await mkdir(day, { recursive: true });
    const parent = toText([codexMeta(), typed('one')]);
    await writeFile(join(day, `rollout-2026-11-20T10-00-00-${SID}.jsonl`), parent + toText([typed('not in the fork')]));
    const child = join(day, 'rollout-2026-11-20T11-00-00-22222222-2222-4333-8444-555555555555.jsonl');
    await writeFile(
      child,
      toText([
        codexMeta({ id: '2', history_base: { thread_id: SID, end_byte_offset: Buffer.byteLength(parent) } }),
        typed('two'),
      ]),
    );
    const { session, counts, problems } = await take(child);
    assert.equal(outline(session.history), 'user(one) user(two)');
    assert.deepEqual([counts.prompts, problems], [1, []]);
  });

  it('reads a Claude Code session that went on in a new file with its beginning', async () => {
    const [first, second] = [SID, '22222222-2222-4333-8444-555555555555'].map((id) => join(root, `${id}.jsonl`)) as [
      string,
      string,
    ];
    await writeFile(first, toText([asked('u1', null, 'one'), answered('a2', 'u1', 'm', [said('two')])]));
    await writeFile(second, toText([asked('u3', 'a2', 'three')]));
    const { session, counts, problems } = await take(second);
    assert.equal(outline(session.history), 'user(one) assistant(two) user(three)');
    assert.deepEqual([counts.prompts, problems], [1, []]);
  });

  it('gives every problem its line, in order, and keeps what is good', async () => {
    const path = file('bad.jsonl');
    const good = toText([asked('u1', null, 'one')]);
    await writeFile(
      path,
      Buffer.concat([
        Buffer.from(good),
        Buffer.from('{"a\xff":1}\n', 'latin1'),
        Buffer.from('nonsense\n'),
        Buffer.from('{"type":"us'),
      ]),
    );
    const { session, problems } = await take(path, { agent: 'claude-code' });
    assert.equal(outline(session.history), 'user(one)');
    assert.deepEqual(
      problems.map(({ line, code }) => `${line} ${code}`),
      ['2 invalid-utf8', '2 bad-shape', '3 bad-json', '4 torn-line'],
    );
  });

  it('refuses what is no transcript, and says why', async () => {
    await writeFile(file('empty.jsonl'), '');
    await writeFile(file('other.json'), '{"schema":"holdfast/1","session_id":"s"}');
    await mkdir(file('folder.jsonl'));
    const kind = async (name: string) =>
      (await importTranscript(file(name), { folder: sample.folder, now: () => NOW, random })).kind;
    assert.deepEqual(
      [await kind('empty.jsonl'), await kind('other.json'), await kind('folder.jsonl'), await kind('missing.jsonl')],
      ['unreadable', 'unrecognised', 'unreadable', 'unreadable'],
    );
  });

  it('mirrors a last line that is whole before its end is written, and no half of one', async () => {
    const lines = toText([asked('u1', null, 'one'), answered('a1', 'u1', 'm1', [said('two')])]);
    for (const [text, messages, bytes] of [
      [lines.trimEnd(), 2, lines.length - 1],
      [lines.slice(0, -9), 1, lines.indexOf('\n') + 1],
    ] as const) {
      const path = file(`last-${messages}.jsonl`);
      await writeFile(path, text);
      const { session } = await take(path, { store, sessionId: `s-20261121-0000000${messages}` });
      assert.equal(session.history.length, messages);
      assert.equal(session.body.source?.raw?.bytes, bytes);
      const mirror = await readFile(join(store.root, session.body.source?.raw?.file ?? ''), 'utf8');
      assert.equal(mirror, text.slice(0, bytes));
      await writeFile(path, lines);
      const again = await store.mirrorRaw(session.body.session_id, path);
      assert.equal(await readFile(join(store.root, again.file), 'utf8'), lines);
    }
  });

  it('can be stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(take(await live('Login limit'), { signal: stop.signal }), { name: 'AbortError' });
  });

  it('takes a transcript that grows meanwhile up to a whole line', async () => {
    const path = file('growing.jsonl');
    await writeFile(path, toText([asked('u1', null, 'one')]));
    let grown = false;
    const { session } = await take(path, {
      agent: 'claude-code',
      onProgress: () => {
        if (grown) return;
        grown = true;
        void appendFile(path, '{"half":');
      },
    });
    assert.equal(outline(session.history), 'user(one)');
    await utimes(path, 0, 0);
  });
});
