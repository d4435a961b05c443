import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { makePlace, type Place } from './support/cli.ts';
import * as shapes from './support/shapes.ts';

describe('command line: readers of a file, and merges', () => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
    for (const name of ['one', 'two']) {
      const head = { schema: 'holdfast/1', session_id: `s-${name}`, name, created_at: '2026-11-20T10:00:00.000Z' };
      place.write(`.sessions/${name}.json`, JSON.stringify({ ...head, history: [] }));
    }
  });
  afterEach(() => place.remove());

  const json = async <T extends z.ZodMiniType>(shape: T, code: number, argv: string[], input = '') => {
    const ran = await place.run([...argv, '--json'], { input });
    assert.equal(ran.code, code, ran.out);
    return z.parse(shape, ran.json);
  };
  const fresh = async (file: string) => {
    const { readers } = await json(shapes.readersDocument, 0, ['readers', file]);
    return Object.fromEntries(readers.map((each) => [each.name, each.fresh]));
  };

  it('tell which sessions have read it, and whether it has changed since', async () => {
    assert.deepEqual(await json(shapes.readersDocument, 0, ['readers', './a.txt']), { key: 'a.txt', readers: [] });
    assert.match((await place.run(['readers', 'a.txt'])).out, /No saved session has read a\.txt\./);
    place.write('a.txt', 'one\n');
    await json(shapes.readDocument, 0, ['read', 'one', 'a.txt']);
    assert.deepEqual(await fresh('a.txt'), { one: 'same' });
    place.write('a.txt', 'two\n');
    const { sha256 } = await json(shapes.readDocument, 0, ['read', 'two', 'a.txt']);
    const found = await json(shapes.readersDocument, 0, ['readers', path.join(place.folder, 'a.txt')]);
    assert.deepEqual(
      found.readers.map((each) => [each.name, each.session_id, each.fresh]),
      [
        ['two', 's-two', 'same'],
        ['one', 's-one', 'changed'],
      ],
    );
    assert.equal(found.readers[0]?.sha256, sha256);
    fs.utimesSync(path.join(place.folder, 'a.txt'), 5, 5);
    assert.deepEqual(await fresh('a.txt'), { two: 'touched', one: 'changed' });
    fs.rmSync(path.join(place.folder, 'a.txt'));
    assert.deepEqual(await fresh('a.txt'), { two: 'deleted', one: 'deleted' });
    assert.match((await place.run(['readers', 'a.txt'])).out, /^two +.*\n *one +/);
  });

  it('refuse what names no file', async () => {
    const ran = await place.run(['readers', '', '--json']);
    assert.equal(ran.code, 1);
    assert.equal(z.parse(shapes.errorDocument, ran.json).error.code, 'no-such-file');
  });

  it('merge a write with what changed in other lines, and offer no merge of the same lines', async () => {
    place.write('a.txt', 'a\nb\nc\nd\ne\n');
    await json(shapes.readDocument, 0, ['read', 'one', 'a.txt']);
    place.write('a.txt', 'A\nb\nc\nd\ne\n');
    const mine = 'a\nb\nc\nd\nE\n';
    const offered = await json(shapes.conflictDocument, 3, ['write', 'one', 'a.txt'], mine);
    assert.deepEqual(offered.merge, { clean: true });
    assert.match((await place.run(['write', 'one', 'a.txt'], { input: mine })).out, /--merge/);
    const clash = await json(shapes.conflictDocument, 3, ['write', 'one', 'a.txt', '--merge'], 'x\nb\nc\nd\ne\n');
    assert.deepEqual(clash.merge, { clean: false });
    assert.equal(place.text('a.txt'), 'A\nb\nc\nd\ne\n');
    const written = await json(shapes.writtenDocument, 0, ['write', 'one', 'a.txt', '--merge'], mine);
    assert.equal(written.merged, true);
    assert.equal(place.text('a.txt'), 'A\nb\nc\nd\nE\n');
    place.write('b.txt', 'never read');
    assert.equal((await json(shapes.conflictDocument, 3, ['write', 'one', 'b.txt', '--merge'], 'x')).merge, null);
    assert.equal((await place.run(['write', 'one', 'a.txt', '--merge', '--force'], { input: 'x' })).code, 2);
  });

  it('are plain lines in a terminal, whatever a session says', async () => {
    const entry = { seen_at: '\u001b[2J\n', message: 3, sha256: 'x' };
    const head = { schema: 'holdfast/1', session_id: 's', created_at: '2026', read_cache: { 'a.txt': entry } };
    place.write('.sessions/evil.json', JSON.stringify({ ...head, history: [] }));
    const { out } = await place.run(['readers', 'a.txt']);
    assert.match(out, /^evil +message 3 /);
    assert.equal(out.includes('\u001b'), false);
    assert.equal(out.trimEnd().split('\n').length, 1);
  });
});
