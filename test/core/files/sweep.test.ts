import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type SweepOptions, sweep } from '../../../src/core/files/freshness/sweep.ts';
import { timeToRest } from '../../../src/core/files/mappedStores.ts';
import { createReadCache, type ReadCache } from '../../../src/core/files/readCache.ts';
import { stampFile, toEntry } from '../../../src/core/files/version.ts';
import { makeFolder, makeWorkplace, passGrain, removeFolders } from './workplace.ts';

async function look(cache: ReadCache, options: SweepOptions = {}): Promise<Record<string, string>> {
  return Object.fromEntries((await sweep(cache, options)).map(({ key, freshness }) => [key, freshness]));
}

describe('sweep', () => {
  afterEach(removeFolders);

  it('tells same, touched, changed and deleted apart', async () => {
    const { guard, put, at, cache, folder } = makeWorkplace();
    for (const name of ['same', 'touched', 'rewritten', 'changed', 'same-size', 'deleted', 'mode']) {
      put(name, `content of ${name}`);
      await guard.read(name);
    }
    await passGrain(folder);
    fs.utimesSync(at('touched'), 5, 5);
    put('rewritten', 'content of rewritten');
    put('changed', 'more');
    put('same-size', 'CONTENT of same-size');
    fs.rmSync(at('deleted'));
    fs.chmodSync(at('mode'), 0o755);
    assert.deepEqual(await look(cache), {
      same: 'same',
      touched: 'touched',
      rewritten: 'touched',
      changed: 'changed',
      'same-size': 'changed',
      deleted: 'deleted',
      mode: 'same',
    });
  });

  it('hashes a file until it has rested for a minute, and once more then', async () => {
    const { guard, put, cache, at } = makeWorkplace();
    const old = Date.now() - 3_600_000;
    put('a', 'content');
    await guard.read('a');
    assert.equal(cache.get('a')?.racy, true);
    const later = (): number => Date.now() + 70_000;
    // A store through a mapping that the kernel shows by no time, played by an entry of another content.
    const lie = (): void => cache.set('a', { ...(cache.get('a') ?? {}), sha256: crypto.hash('sha256', 'other') });
    const [first] = await sweep(cache);
    assert.ok(first?.stamp?.racy === true && first.freshness === 'same');
    assert.equal(first.path, at('a'));
    const [second] = await sweep(cache, { now: later });
    assert.ok(second?.stamp?.racy === false && second.freshness === 'same');
    // Looked at after it had rested: what was found holds until a time changes, or the session has read it again.
    assert.deepEqual((await sweep(cache))[0], second);
    lie();
    assert.equal((await look(cache))['a'], 'changed');
    cache.set('a', toEntry(second.stamp));
    assert.deepEqual(await sweep(cache), [{ key: 'a', path: at('a'), freshness: 'same' }]);
    // An entry says what was seen, so this one is taken at its word.
    lie();
    assert.equal((await look(cache))['a'], 'same');
    fs.utimesSync(at('a'), old / 1000, old / 1000);
    assert.equal((await look(cache))['a'], 'changed');
  });

  it('keeps what it found of a file that changed or was touched, and gives its stamp again', async () => {
    const { guard, put, cache, folder } = makeWorkplace();
    const later = (): number => Date.now() + 70_000;
    for (const name of ['touched', 'changed']) {
      put(name, name);
      await guard.read(name);
    }
    await passGrain(folder);
    const before = fs.statSync(put('touched', 'touched'), { bigint: true }).mtimeNs;
    assert.notEqual(cache.get('touched')?.mtime_ns, String(before));
    put('changed', 'CHANGED');
    const first = await sweep(cache, { now: later });
    assert.deepEqual(
      first.map(({ freshness, stamp }) => [freshness, stamp?.racy]),
      [
        ['touched', false],
        ['changed', false],
      ],
    );
    assert.deepEqual(await sweep(cache), first);
  });

  it('answers by the name and the folder of the read-cache that asks, also for an entry that two of them share', async () => {
    const { folder, put, at } = makeWorkplace();
    put('a', 'content');
    fs.linkSync(at('a'), at('b'));
    const outcome = await stampFile(at('a'), () => Date.now() + 70_000);
    assert.ok(outcome.kind === 'stamped');
    const entry = toEntry(outcome.stamp);
    const both = createReadCache(folder, { a: entry, b: entry });
    const other = createReadCache(makeFolder(), { a: entry });
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(
        (await sweep(both)).map(({ key, path, freshness }) => ({ key, path, freshness })),
        ['a', 'b'].map((key) => ({ key, path: at(key), freshness: 'same' })),
      );
      assert.deepEqual(await look(other), { a: 'deleted' });
    }
  });

  it('sees a change of the same size within the clock’s grain of the read', async () => {
    const { guard, put, cache } = makeWorkplace();
    for (let round = 0; round < 50; round++) {
      put('a', `A${round}`.padEnd(8));
      await guard.read('a');
      put('b', `B${round}`.padEnd(8));
      fs.renameSync(path.join(cache.root, 'b'), path.join(cache.root, 'a'));
      assert.equal((await look(cache))['a'], 'changed');
    }
  });

  it('judges entries of transcripts by text, hash and time', async () => {
    const { put, at, cache } = makeWorkplace();
    put('text', '\uFEFFa\r\n');
    cache.set('text', { text_sha256: crypto.hash('sha256', 'a\n') });
    put('other', 'b\n');
    cache.set('other', { text_sha256: crypto.hash('sha256', 'a\n') });
    put('raw', 'a');
    cache.set('raw', { sha256: crypto.hash('sha256', 'a') });
    put('older', '');
    fs.utimesSync(at('older'), 1, 1);
    cache.set('older', { seen_at: '1970-01-01T00:00:00.500Z' });
    put('newer', '');
    cache.set('newer', { seen_at: '1970-01-01T00:00:00.500Z' });
    cache.set('gone', { seen_at: '1970-01-01T00:00:00.500Z' });
    put('nothing', '');
    cache.set('nothing', {});
    assert.deepEqual(await look(cache), {
      text: 'same',
      other: 'changed',
      raw: 'same',
      older: 'same',
      newer: 'unknown',
      gone: 'deleted',
      nothing: 'unknown',
    });
  });

  it('calls unreadable what is no file any more, without waiting for it', async () => {
    const { put, at, cache } = makeWorkplace();
    const entry = { sha256: crypto.hash('sha256', 'a') };
    fs.mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('fifo')]);
    put('file', 'a');
    fs.symlinkSync('file', at('link'));
    for (const name of ['folder', 'fifo', 'link', 'file/below', 'file/far/below']) cache.set(name, entry);
    assert.deepEqual(await look(cache), {
      folder: 'unreadable',
      fifo: 'unreadable',
      link: 'unreadable',
      'file/below': 'deleted',
      'file/far/below': 'deleted',
    });
  });

  it('never leaves the folder for a snapshot that it does not trust', async () => {
    const outside = makeFolder();
    fs.writeFileSync(path.join(outside, 'secret'), 'a');
    const folder = makeFolder();
    fs.symlinkSync(outside, path.join(folder, 'out'));
    const entry = { sha256: crypto.hash('sha256', 'a') };
    const secret = path.join(outside, 'secret');
    const entries = JSON.parse(
      JSON.stringify({
        '../../etc/passwd': entry,
        '/etc/passwd': entry,
        'out/secret': entry,
        'a\0b': entry,
        '': entry,
      }).replace('{', '{"__proto__":{},'),
    );
    const cache = createReadCache(folder, { ...entries, ['__proto__']: {}, [secret]: { ...entry, outside: true } });
    const found = await look(cache);
    for (const key of ['../../etc/passwd', '/etc/passwd', 'out/secret', 'a\0b', '']) {
      assert.equal(found[key], 'unreadable', key);
    }
    assert.equal(found[secret], 'unknown');
    assert.equal((await look(cache, { trusted: true }))[secret], 'same');
    assert.equal((await look(cache, { trusted: true }))['/etc/passwd'], 'unreadable');
  });

  it('hashes big files, some at a time, and keeps the order', async () => {
    const { put, cache } = makeWorkplace();
    const names = Array.from({ length: 12 }, (_, n) => `f${n}`);
    for (const [n, name] of names.entries()) {
      const content = Buffer.alloc(n % 2 === 0 ? 700_000 : 10, n);
      put(name, content);
      cache.set(name, { sha256: crypto.hash('sha256', content) });
    }
    const found = await sweep(cache);
    assert.deepEqual(
      found.map(({ key, freshness }) => [key, freshness]),
      names.map((name) => [name, 'same']),
    );
  });

  it('lets others run and tells how far it is', async () => {
    const { put, cache } = makeWorkplace();
    put('a', Buffer.alloc(200_000));
    for (let n = 0; n < 200; n++) {
      put(`f${n}`, Buffer.alloc(200_000));
      cache.set(`f${n}`, { sha256: '' });
    }
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns++;
      if (running) setImmediate(count);
    };
    count();
    const progress: number[] = [];
    await sweep(cache, { onProgress: ({ done, total }) => progress.push(done / total) });
    running = false;
    assert.ok(turns > 3);
    assert.ok(progress.length > 3);
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    );
    assert.equal(progress.at(-1), 1);
  });

  it('stops when it is told to', async () => {
    const { put, cache } = makeWorkplace();
    for (let n = 0; n < 200; n++) {
      put(`f${n}`, Buffer.alloc(n % 10 === 0 ? 300_000 : 200_000));
      cache.set(`f${n}`, { sha256: '' });
    }
    await assert.rejects(sweep(cache, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const controller = new AbortController();
    const run = sweep(cache, { signal: controller.signal, onProgress: () => controller.abort() });
    await assert.rejects(run, { name: 'AbortError' });
  });
});

describe('stamp', () => {
  afterEach(removeFolders);

  it('is racy while a page of the file may not have been written back, by either time', async () => {
    const { at, put } = makeWorkplace();
    put('a', 'a');
    const racyAfter = async (ms: number, from = fs.statSync(at('a')).ctimeMs): Promise<boolean> => {
      const outcome = await stampFile(at('a'), () => from + ms);
      assert.ok(outcome.kind === 'stamped');
      return outcome.stamp.racy;
    };
    const rest = timeToRest();
    assert.ok(rest >= 60_000);
    assert.deepEqual(
      [await racyAfter(-5), await racyAfter(rest - 10), await racyAfter(rest + 10)],
      [true, true, false],
    );
    const [past, future] = [Date.now() / 1000 - 3600, Date.now() / 1000 + 3600];
    fs.utimesSync(at('a'), past, past);
    assert.deepEqual([await racyAfter(1000), await racyAfter(rest + 10)], [true, false]);
    fs.utimesSync(at('a'), future, future);
    assert.deepEqual([await racyAfter(rest + 10), await racyAfter(3_600_000 + rest + 10)], [true, false]);
  });

  it('says what it could not stamp', async () => {
    const { at, put } = makeWorkplace();
    fs.mkdirSync(at('folder'));
    fs.symlinkSync('folder', at('link'));
    assert.deepEqual(await stampFile(at('absent')), { kind: 'missing' });
    assert.deepEqual(await stampFile(at('folder')), { kind: 'not-a-file' });
    assert.deepEqual(await stampFile(at('link')), { kind: 'not-a-file' });
    put('empty', '');
    const outcome = await stampFile(at('empty'));
    assert.ok(outcome.kind === 'stamped' && outcome.stamp.sha256 === crypto.hash('sha256', ''));
  });
});
