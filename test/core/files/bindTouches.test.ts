import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bindTouches } from '../../../src/core/files/bindTouches.ts';
import { sweep } from '../../../src/core/files/freshness/sweep.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import type { FileTouch } from '../../../src/core/files/touch.ts';
import { makeFolder, removeFolders } from './workplace.ts';

const AT = '2026-11-20T10:00:00.000Z';

describe('touches of a transcript', () => {
  afterEach(removeFolders);

  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  const put = (name: string, content: string, time: string): void => {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true });
    fs.writeFileSync(at(name), content);
    fs.utimesSync(at(name), new Date(time), new Date(time));
  };
  const touch = (name: string, more: Partial<FileTouch>): FileTouch => ({
    path: at(name),
    op: 'read',
    full: true,
    at: AT,
    messageId: 'm1',
    ...more,
  });
  /** What a sweep says of the entries that the touches give. */
  const freshness = async (...touches: FileTouch[]): Promise<Record<string, string>> => {
    const cache = createReadCache(folder, await bindTouches(touches, { folder }));
    return Object.fromEntries((await sweep(cache)).map((file) => [file.key, file.freshness]));
  };
  beforeEach(() => {
    folder = makeFolder();
  });

  it('stamps a file whose recorded text is on disk, however it is encoded there', async () => {
    put('a', '\uFEFFa\r\nb\r\n', '2026-11-21T00:00:00Z');
    const entries = await bindTouches([touch('a', { text: 'a\nb\n' })], {
      folder,
      messageNumber: (id) => (id === 'm1' ? 4 : undefined),
    });
    assert.equal(entries['a']?.sha256, crypto.hash('sha256', '\uFEFFa\r\nb\r\n'));
    assert.equal(entries['a']?.message, 4);
    assert.equal(entries['a']?.seen_at, AT);
    assert.ok(entries['a']?.mtime_ns !== undefined && entries['a'].ino !== undefined);
  });

  it('says what the session has seen where the disk holds something else or nothing', async () => {
    put('changed', 'other', '2026-11-19T00:00:00Z');
    const seen = { text_sha256: crypto.hash('sha256', 'a'), seen_at: AT };
    const touches = [touch('changed', { text: 'a' }), touch('gone', { text: 'a' })];
    assert.deepEqual(await bindTouches(touches, { folder }), { changed: seen, gone: seen });
    assert.deepEqual(await freshness(...touches), { changed: 'changed', gone: 'deleted' });
  });

  it('compares raw bytes where the agent recorded their hash', async () => {
    put('a', 'a\r\n', '2026-11-21T00:00:00Z');
    assert.deepEqual(await freshness(touch('a', { sha256: crypto.hash('sha256', 'a\r\n') })), { a: 'same' });
    assert.deepEqual(await freshness(touch('a', { sha256: crypto.hash('sha256', 'a\n') })), { a: 'changed' });
  });

  it('goes by the time of the read where no content was recorded', async () => {
    put('older', 'x', '2026-11-20T09:00:00Z');
    put('at-once', 'x', '2026-11-20T10:00:00.900Z');
    put('newer', 'x', '2026-11-20T10:00:05Z');
    put('undated', 'x', '2026-11-20T09:00:00Z');
    const touches = ['older', 'at-once', 'newer'].map((name) => touch(name, { full: false }));
    const { at: _, ...undated } = touch('undated', {});
    assert.deepEqual(await freshness(...touches, undated), {
      older: 'same',
      'at-once': 'same',
      newer: 'unknown',
      undated: 'unknown',
    });
    const entries = await bindTouches(touches, { folder });
    assert.equal(entries['older']?.sha256, crypto.hash('sha256', 'x'));
    assert.deepEqual(entries['newer'], { seen_at: AT });
  });

  it('lets the last touch of a file decide', async () => {
    put('a', 'new', '2026-11-20T10:00:00Z');
    const read = touch('a', { text: 'old' });
    assert.deepEqual(await freshness(read, touch('a', { op: 'write', text: 'new' })), { a: 'same' });
    assert.deepEqual(await freshness(touch('a', { op: 'write', text: 'new' }), read), { a: 'changed' });
    assert.deepEqual(await freshness(read, touch('a', { op: 'delete' })), {});
    assert.deepEqual(await freshness(touch('a', { op: 'delete' }), read), { a: 'changed' });
  });

  it('forgets the content at an edit whose result was not recorded', async () => {
    put('a', 'edited', '2026-11-20T10:00:00Z');
    const read = touch('a', { text: 'old' });
    assert.deepEqual(await freshness(read, touch('a', { op: 'edit', full: false })), { a: 'same' });
    const early = touch('a', { op: 'edit', full: false, at: '2026-11-20T09:00:00Z' });
    assert.deepEqual(await freshness(read, early), { a: 'unknown' });
  });

  it('keeps the content when only a part was looked at again', async () => {
    put('a', 'newer', '2026-11-20T09:00:00Z');
    assert.deepEqual(await freshness(touch('a', { text: 'old' }), touch('a', { full: false })), { a: 'changed' });
  });

  it('keeps what was known before, when a transcript is followed piece by piece', async () => {
    put('a', 'newer', '2026-11-20T09:00:00Z');
    put('b', 'x', '2026-11-20T09:00:00Z');
    const known = { a: { text_sha256: crypto.hash('sha256', 'old') }, b: { seen_at: AT } };
    const look = (...touches: FileTouch[]): Promise<Record<string, unknown>> =>
      bindTouches(touches, { folder, known: (key) => known[key as 'a' | 'b'] });
    assert.deepEqual(Object.keys(await look(touch('a', { full: false }), touch('b', { full: false }))), ['b']);
    assert.deepEqual(Object.keys(await look(touch('a', {}))), ['a']);
    assert.deepEqual(Object.keys(await look(touch('a', { op: 'edit', full: false }))), ['a']);
  });

  it('takes paths of another machine to this folder', async () => {
    put('src/a', 'a', '2026-11-21T00:00:00Z');
    for (const [fromFolder, recorded] of [
      ['/home/ann/shop', '/home/ann/shop/src/a'],
      ['C:\\Users\\Ann\\shop', 'c:\\users\\ann\\shop\\src\\a'],
    ] as const) {
      const entries = await bindTouches([touch('', { path: recorded, text: 'a' })], { folder, fromFolder });
      assert.deepEqual(Object.keys(entries), ['src/a']);
      assert.equal(entries['src/a']?.sha256, crypto.hash('sha256', 'a'));
    }
  });

  it('does not look at files outside the folder', async () => {
    const outside = path.join(makeFolder(), 'x');
    fs.writeFileSync(outside, 'a');
    fs.symlinkSync(outside, at('link'));
    const touches = [
      touch('', { path: outside, text: 'a' }),
      touch('', { path: 'D:\\x\\y', text: 'a' }),
      touch('link', {}),
    ];
    const entries = await bindTouches(touches, { folder });
    const seen = { text_sha256: crypto.hash('sha256', 'a'), seen_at: AT, outside: true };
    assert.deepEqual(entries, { 'D:\\x\\y': seen, [outside]: { seen_at: AT, outside: true } });
  });

  it('passes over paths that can be none, and folders', async () => {
    fs.mkdirSync(at('sub'));
    const odd = ['', 'a\0b', folder].map((name) => touch('', { path: name }));
    assert.deepEqual(await bindTouches([...odd, touch('__proto__', { text: 'a' })], { folder }), {
      ['__proto__']: { text_sha256: crypto.hash('sha256', 'a'), seen_at: AT },
    });
    assert.deepEqual(await freshness(touch('sub', {})), { sub: 'unreadable' });
  });

  it('takes a relative path for one of the folder, and stays in it', async () => {
    put('sub/a', 'a', '2026-11-19T00:00:00Z');
    const touches = ['sub/a', '../outside'].map((named) => touch('', { path: named }));
    const entries = await bindTouches(touches, { folder });
    assert.equal(entries['sub/a']?.sha256, crypto.hash('sha256', 'a'));
    assert.deepEqual(entries[path.resolve(folder, '../outside')], { seen_at: AT, outside: true });
  });

  it('keeps the time and the size that an agent recorded, and stamps a file that still has both', async () => {
    put('same', 'abc', '2026-11-19T00:00:00Z');
    put('later', 'abc', '2026-11-20T00:00:00Z');
    put('longer', 'abcd', '2026-11-19T00:00:00Z');
    const recorded = { mtimeMs: Date.parse('2026-11-19T00:00:00Z'), size: 3, messageId: '' };
    const { at: _, ...timeless } = touch('', {});
    const touches = ['same', 'later', 'longer'].map((name) => ({ ...timeless, path: at(name), ...recorded }));
    const entries = await bindTouches(touches, { folder });
    const seen = { file_mtime_ms: recorded.mtimeMs, file_size_bytes: 3 };
    assert.deepEqual([entries['later'], entries['longer']], [seen, seen]);
    assert.equal(entries['same']?.sha256, crypto.hash('sha256', 'abc'));
    assert.deepEqual(await freshness(...touches), { same: 'same', later: 'unknown', longer: 'changed' });
  });

  it('gives one entry to a file that was named in many ways', async () => {
    put('a', 'a', '2026-11-21T00:00:00Z');
    fs.symlinkSync('a', at('link'));
    const touches = [at('a'), at('./x/../a'), at('link')].map((spelling) => touch('', { path: spelling, text: 'a' }));
    assert.deepEqual(Object.keys(await bindTouches(touches, { folder })), ['a']);
  });
});
