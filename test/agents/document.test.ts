import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readDocument } from '../../src/agents/document.ts';

describe('the records of a JSON document', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-document-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function read(text: string, lists: readonly string[]) {
    const file = join(folder, 'x.json');
    await writeFile(file, text);
    await using handle = await open(file, 'r');
    const records: { key: string; text: string; from: number; to: number }[] = [];
    const reading = readDocument(handle, { lists });
    for (;;) {
      const { done, value } = await reading.next();
      if (done === true) return { records, ...value };
      records.push(...value);
    }
  }

  const key = fc.oneof(fc.constantFrom('messages', 'list', '', '__proto__', 'a"b', 'é😀'), fc.string());

  it('are its fields, and the elements of the lists that are named, whatever they hold and however it is laid out', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(key, fc.jsonValue()), { selector: ([name]) => name }),
        fc.array(fc.jsonValue()),
        fc.constantFrom(undefined, 1, '\t'),
        async (fields, list, space) => {
          const object = Object.fromEntries([['messages', list], ...fields.filter(([name]) => name !== 'messages')]);
          const text = JSON.stringify(object, null, space);
          const { records, whole, bytes } = await read(`\ufeff${text}\n`, ['messages']);
          assert.ok(whole);
          assert.equal(bytes, Buffer.byteLength(text) + 4);
          const expected = Object.entries(object).flatMap(([name, value]) =>
            name === 'messages' ? list.map((one) => [name, one]) : [[name, value]],
          );
          assert.deepEqual(
            records.map((record) => [record.key, JSON.parse(record.text)]),
            JSON.parse(JSON.stringify(expected)),
          );
          const bytesOf = Buffer.from(`\ufeff${text}\n`);
          for (const { text: own, from, to } of records)
            assert.equal(bytesOf.subarray(from, to).toString().trimEnd(), own);
        },
      ),
    ));

  it('are the elements of an outermost array, and those before the place where a text ends too early', async () => {
    const whole = await read('[1, {"a": [2, "]"]}, "x,y"]', ['']);
    assert.deepEqual(
      whole.records.map(({ key: name, text }) => [name, text]),
      [
        ['', '1'],
        ['', '{"a": [2, "]"]}'],
        ['', '"x,y"'],
      ],
    );
    const cut = await read('{"messages":[{"a":1},{"a":2},{"a":', ['messages']);
    assert.deepEqual(
      cut.records.map(({ text }) => text),
      ['{"a":1}', '{"a":2}'],
    );
    assert.equal(cut.whole, false);
    for (const text of ['', 'x', '"only a text"', '17']) assert.equal((await read(text, [''])).records.length, 0, text);
  });

  it('may be longer than what is read at once', async () => {
    const long = 'é'.repeat(700_000);
    const { records, whole } = await read(JSON.stringify({ head: long, messages: [long, { long }] }), ['messages']);
    assert.ok(whole);
    assert.deepEqual(
      records.map(({ text }) => JSON.parse(text)),
      [long, long, { long }],
    );
  });

  it('end where their quotes do, though what escapes these lies in the piece that was read before', async () => {
    for (let shift = 0; shift < 8; shift += 1) {
      const text = `${'x'.repeat(256 * 1024 - 20 - shift)}${'\\\\"\\"\\'.repeat(8)}`;
      const { records, whole } = await read(JSON.stringify({ messages: [text, { text, '\\"': '' }] }), ['messages']);
      assert.ok(whole);
      assert.deepEqual(
        records.map((record) => JSON.parse(record.text)),
        [text, { text, '\\"': '' }],
      );
    }
  });
});
