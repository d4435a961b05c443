import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, realpath, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Follower, followTranscript, importTranscript } from '../../src/agents/index.ts';
import { applyEvents, openStore, type Session, type SessionEvent } from '../../src/core/index.ts';
import { answered, asked, called, outline, resulted, said, toText } from './support/transcripts.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const random = () => '0123456789abcdef';

describe('the follower of a transcript', () => {
  let folder: string;
  let file: string;
  let session: Session;
  let follower: Follower;
  let fail: Error | undefined;
  const talk = [
    asked('u1', null, 'one'),
    answered('a2', 'u1', 'm', [said('two')]),
    asked('u3', 'a2', 'three'),
    answered('a4', 'u3', 'm4', [called('t1', 'Write', { file_path: 'new.js', content: 'x\n' })]),
    resulted('r5', 'a4', 't1', 'ok'),
    asked('u6', 'u1', 'instead'),
  ];
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-follow-')));
    file = join(folder, '11111111-2222-4333-8444-555555555555.jsonl');
    fail = undefined;
  });
  afterEach(async () => {
    await follower.close();
    await rm(folder, { recursive: true });
  });

  async function begin(lines: readonly object[]): Promise<void> {
    await writeFile(file, toText(lines));
    const outcome = await importTranscript(file, { agent: 'claude-code', folder, now: () => NOW, random });
    if (outcome.kind !== 'imported') throw new Error(outcome.kind);
    session = outcome.session;
    follower = await follow(outcome);
  }
  function follow(
    from: Parameters<typeof followTranscript>[0]['from'],
    store?: ReturnType<typeof openStore>,
  ): Promise<Follower> {
    return followTranscript({
      agent: 'claude-code',
      transcript: file,
      folder,
      sessionId: session.body.session_id,
      from,
      now: () => NOW,
      ...(store === undefined ? {} : { store }),
      async onEvents(events: readonly SessionEvent[]) {
        if (fail !== undefined) throw fail;
        session = applyEvents(session, events);
      },
    });
  }
  const add = (...lines: readonly object[]) => appendFile(file, toText(lines));

  it('tells what was added, and nothing where nothing was', async () => {
    await begin(talk.slice(0, 2));
    assert.deepEqual(await follower.poll(), { kind: 'same' });
    await add(...talk.slice(2, 5));
    assert.equal((await follower.poll()).kind, 'grown');
    assert.equal(outline(session.history), 'user(one) assistant(two) user(three) assistant(Write#t1) tool(#t1)');
    assert.deepEqual(await follower.poll(), { kind: 'same' });
  });

  it('brings head and read-cache up to date', async () => {
    await begin(talk.slice(0, 2));
    const write = answered(
      'a3',
      'a2',
      'm3',
      [called('t1', 'Write', { file_path: join(folder, 'new.js'), content: 'x\n' })],
      { cwd: folder },
    );
    await writeFile(join(folder, 'new.js'), 'x\n');
    await add(write, resulted('r4', 'a3', 't1', 'ok', { cwd: folder }), {
      type: 'custom-title',
      customTitle: 'T',
      sessionId: 's',
    });
    await follower.poll();
    const { body } = session;
    assert.deepEqual([body.title, body.message_count, body.metadata?.turns], ['T', 4, 1]);
    assert.equal(Object.keys(body.read_cache ?? {}).length, 1);
    const [entry] = Object.values(body.read_cache ?? {});
    assert.equal(entry?.message, 3);
  });

  it('tells a rewind', async () => {
    await begin(talk.slice(0, 3));
    await add(...talk.slice(3));
    await follower.poll();
    assert.equal(outline(session.history), 'user(one) user(instead)');
    assert.equal(session.body.message_count, 2);
  });

  it('lets half a line wait for its other half', async () => {
    await begin(talk.slice(0, 1));
    const line = toText([talk[1] as object]);
    await appendFile(file, line.slice(0, 40));
    assert.equal((await follower.poll()).kind, 'same');
    await appendFile(file, line.slice(40));
    await follower.poll();
    assert.equal(outline(session.history), 'user(one) assistant(two)');
  });

  it('gives events again that could not be taken', async () => {
    await begin(talk.slice(0, 1));
    await add(...talk.slice(1, 2));
    fail = new Error('disk full');
    await assert.rejects(follower.poll(), fail);
    await add(...talk.slice(2, 3));
    await assert.rejects(follower.poll(), fail);
    fail = undefined;
    assert.equal((await follower.poll()).kind, 'grown');
    assert.equal(outline(session.history), 'user(one) assistant(two) user(three)');
  });

  it('gives events again whose blobs could not be stored', async () => {
    await begin(talk.slice(0, 1));
    const store = openStore({ folder, now: () => NOW, random });
    let full = true;
    const putBlob: typeof store.putBlob = async (bytes) => {
      if (full) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return store.putBlob(bytes);
    };
    follower = await follow({ bytes: (await readFile(file)).length }, { ...store, putBlob });
    await add(answered('a2', 'u1', 'm', [called('t', 'Bash', {})]), resulted('r3', 'a2', 't', 'x'.repeat(70_000)));
    await assert.rejects(follower.poll(), { code: 'ENOSPC' });
    full = false;
    await follower.poll();
    assert.equal(outline(session.history), 'user(one) assistant(Bash#t) tool(#t)');
    assert.equal(session.body.source?.raw?.bytes, (await readFile(file)).length);
    await store.close();
  });

  it('does not say that it holds what was written after it had read', async () => {
    await begin(talk.slice(0, 1));
    const store = openStore({ folder, now: () => NOW, random });
    const mirrorRaw: typeof store.mirrorRaw = async (...mirrored) => {
      await add(talk[2] as object);
      return store.mirrorRaw(...mirrored);
    };
    follower = await follow({ bytes: (await readFile(file)).length }, { ...store, mirrorRaw });
    await add(talk[1] as object);
    await follower.poll();
    assert.equal(outline(session.history), 'user(one) assistant(two)');
    await follower.close();
    // A next process goes on from what the session says that it holds.
    follower = await follow({ bytes: session.body.source?.raw?.bytes ?? 0 }, store);
    await follower.poll();
    assert.equal(outline(session.history), 'user(one) assistant(two) user(three)');
    await store.close();
  });

  it('takes nothing from what the session knows of a file where the agent looked at a part of it', async () => {
    await begin(talk.slice(0, 2));
    await writeFile(join(folder, 'a.js'), '1\n2\n3\n');
    const look = [
      answered('a3', 'a2', 'm3', [called('t1', 'Read', { file_path: join(folder, 'a.js'), offset: 2, limit: 1 })], {
        cwd: folder,
      }),
      resulted('r4', 'a3', 't1', '2\t2', {
        cwd: folder,
        toolUseResult: {
          type: 'text',
          file: { filePath: join(folder, 'a.js'), content: '2', numLines: 1, startLine: 2, totalLines: 4 },
        },
      }),
    ];
    const entry = { sha256: '0'.repeat(64), seen_at: '2026-11-20T10:00:00.000Z' };
    const known = (key: string) => (key === 'a.js' ? entry : undefined);
    const told: SessionEvent[] = [];
    const onEvents = async (events: readonly SessionEvent[]) => void told.push(...events);
    const bytes = (await readFile(file)).length;
    await add(...look);
    const options = { agent: 'claude-code', transcript: file, folder, sessionId: 's', now: () => NOW } as const;
    for (const [knows, keys] of [
      [{}, ['a.js']],
      [{ known }, []],
    ] as const) {
      told.length = 0;
      follower = await followTranscript({ ...options, from: { bytes }, onEvents, ...knows });
      await follower.poll();
      const [set] = told.flatMap((event) => (event.type === 'read_cache' ? [event.set ?? {}] : []));
      assert.deepEqual(Object.keys(set ?? {}), keys);
      await follower.close();
    }
  });

  for (const [what, change] of [
    ['shrank', (path: string) => truncate(path, 10)],
    [
      'is another file',
      async (path: string) => {
        await writeFile(`${path}.2`, toText(talk));
        await rename(`${path}.2`, path);
      },
    ],
    [
      'was written anew with other text',
      (path: string) => writeFile(path, toText([asked('x1', null, 'other'), ...talk])),
    ],
    [
      'was written over with as many bytes',
      async (path: string) => writeFile(path, (await readFile(path, 'utf8')).replace('two', 'TWO')),
    ],
  ] as const) {
    it(`says that a transcript was replaced that ${what}`, async () => {
      await begin(talk.slice(0, 2));
      await change(file);
      assert.deepEqual(await follower.poll(), { kind: 'replaced' });
      assert.equal(outline(session.history), 'user(one) assistant(two)');
      assert.deepEqual(await follower.poll(), { kind: 'replaced' });
    });
  }

  it('says that a transcript is missing, and goes on when it is back', async () => {
    await begin(talk.slice(0, 2));
    await rename(file, `${file}.away`);
    assert.deepEqual(await follower.poll(), { kind: 'missing' });
    await rename(`${file}.away`, file);
    await add(...talk.slice(2, 3));
    assert.equal((await follower.poll()).kind, 'grown');
  });

  it('goes on from a saved session by the bytes it holds', async () => {
    await begin(talk.slice(0, 3));
    await follower.close();
    const bytes = (await readFile(file)).length;
    await writeFile(join(folder, 'mirror'), await readFile(file));
    await add(...talk.slice(3, 5));
    follower = await follow({ bytes, mirror: join(folder, 'mirror') });
    assert.equal((await follower.poll()).kind, 'grown');
    assert.equal(outline(session.history), 'user(one) assistant(two) user(three) assistant(Write#t1) tool(#t1)');
    await follower.close();
    await writeFile(join(folder, 'mirror'), 'x'.repeat(bytes));
    follower = await follow({ bytes, mirror: join(folder, 'mirror') });
    assert.deepEqual(await follower.poll(), { kind: 'replaced' });
  });

  it('does nothing once it is closed', async () => {
    await begin(talk.slice(0, 2));
    await follower.close();
    await add(...talk.slice(2));
    assert.deepEqual(await follower.poll(), { kind: 'closed' });
    assert.equal(session.history.length, 2);
  });

  it('ends with what an import would have brought, wherever the writes were cut', async function () {
    this.timeout(20_000);
    const whole = Buffer.from(toText(talk));
    // A line that was read before its newline came ends one byte earlier.
    const toNewline = (history: Session['history']) =>
      history.map(({ raw, ...message }) => ({
        ...message,
        raw: raw && { ...raw, to: whole.indexOf('\n', raw.to - 1) },
      }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 8 }), async (cuts) => {
        await begin(talk.slice(0, 1));
        const start = (await readFile(file)).length;
        const ends = [...cuts.filter((cut) => cut > start), whole.length].sort((a, b) => a - b);
        let from = start;
        for (const end of ends) {
          await appendFile(file, whole.subarray(from, end));
          from = end;
          await Promise.all([follower.poll(), follower.poll()]);
        }
        const outcome = await importTranscript(file, { folder, now: () => NOW, random });
        assert.ok(outcome.kind === 'imported');
        assert.deepEqual(toNewline(session.history), toNewline(outcome.session.history));
        assert.deepEqual(session.body.metadata, outcome.session.body.metadata);
        await follower.close();
      }),
      { numRuns: 20 },
    );
  });
});
