import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import fc from 'fast-check';
import { applyEdit } from '../../../src/core/files/guard/applyEdit.ts';
import { findBytes } from '../../../src/core/files/guard/findBytes.ts';
import { wholeContent } from '../../../src/core/files/guard/wholeContent.ts';
import { normaliseText, textSha256 } from '../../../src/core/files/normalise.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text);

describe('normalised text', () => {
  it('has no BOM, LF for CRLF and U+FFFD for what is not UTF-8', () => {
    assert.equal(normaliseText(bytesOf('\uFEFFa\r\nb\rc\n')), 'a\nb\rc\n');
    assert.equal(normaliseText('\uFEFFa\r\n\ud800'), 'a\n\uFFFD');
    assert.equal(normaliseText(Buffer.from([0x61, 0xe9, 0x62])), 'a\uFFFDb');
    assert.equal(normaliseText(''), '');
  });

  it('hashes as it is written, for text and bytes alike', async () => {
    const piece = fc.constantFrom('\uFEFF', '\r', '\n', '\r\n', 'a', 'é', '🙂', '\ud83d');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const text = pieces.join('');
        const expected = crypto.hash('sha256', normaliseText(text));
        assert.equal(await textSha256(text), expected);
        assert.equal(await textSha256(bytesOf(text)), expected);
      }),
    );
  });

  it('hashes across the edges of pieces: a CRLF, a character and a pair cut in two', async () => {
    for (const mark of ['\r\n', 'é', '🙂', '\uFEFF']) {
      for (let before = (1 << 20) - 3; before <= 1 << 20; before++) {
        const text = `${'x'.repeat(before)}${mark}y`;
        const expected = crypto.hash('sha256', normaliseText(text));
        assert.equal(await textSha256(text), expected);
        assert.equal(await textSha256(bytesOf(text)), expected);
      }
    }
  });
});

describe('whole content', () => {
  it('is what a text is in UTF-8, wherever it is cut', async () => {
    const text = `${'x'.repeat((1 << 20) - 1)}\u{1F600}${'é'.repeat(1 << 20)}\ud83d`;
    const made = await wholeContent(text, 50 << 20);
    assert.ok(made.kind === 'edited' && made.bytes.equals(Buffer.from(text)));
    assert.deepEqual(await wholeContent('', 1), { kind: 'edited', bytes: Buffer.alloc(0) });
  });

  it('is not made where it would be too big', async () => {
    assert.deepEqual(await wholeContent('é'.repeat(11), 10), { kind: 'too-big', bytes: 11 });
  });
});

describe('edit of bytes', () => {
  const MAX = 50 << 20;
  const edited = async (text: string | Buffer, old: string, to: string, all = false): Promise<string | number> => {
    const outcome = await applyEdit(Buffer.from(text as string), { old, new: to, all }, MAX);
    assert.ok(outcome.kind !== 'too-big');
    return outcome.kind === 'edited' ? outcome.bytes.toString('latin1') : outcome.matches;
  };

  it('replaces what occurs exactly once and counts the rest', async () => {
    assert.equal(await edited('one two', 'two', '2'), 'one 2');
    assert.equal(await edited('one two', 'three', '3'), 0);
    assert.equal(await edited('one two', '', '3'), 0);
    assert.equal(await edited('two two', 'two', '2'), 2);
    assert.equal(await edited('two two', 'two', '2', true), '2 2');
  });

  it('counts overlapping occurrences, since either could be meant', async () => {
    assert.equal(await edited('aaa', 'aa', 'b'), 2);
    assert.equal(await edited('aaa', 'aa', 'b', true), 'ba');
  });

  it('writes CRLF into a file that has nothing else, and only there', async () => {
    assert.equal(await edited('a\r\nb\r\n', 'a\nb', 'c\nd'), 'c\r\nd\r\n');
    assert.equal(await edited('a\r\nb\r\n', 'b', 'x\ny'), 'a\r\nx\r\ny\r\n');
    assert.equal(await edited('a\r\nb\r\n', 'a\r\nb', 'c\r\nd'), 'c\r\nd\r\n');
    assert.equal(await edited('a\r\nb\n', 'a\nb', 'c\nd'), 0);
    assert.equal(await edited('a\r\nb\n', 'b\n', 'x\ny\n'), 'a\r\nx\ny\n');
  });

  it('keeps a BOM and bytes that are not UTF-8', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xe9, 0xff, 0x0a, 0x62]);
    assert.equal(
      await edited(bytes, 'b', 'c'),
      Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xe9, 0xff, 0x0a, 0x63]).toString('latin1'),
    );
  });

  it('never matches half a surrogate pair', async () => {
    assert.equal(await edited('a\uFFFDb', '\ud83d', 'x'), 0);
  });

  it('finds text across the edge of a stretch', async () => {
    const text = `${'x'.repeat((4 << 20) - 2)}needle${'y'.repeat(10)}`;
    assert.equal(await edited(text, 'needle', 'pin'), text.replace('needle', 'pin'));
  });

  it('finds text in one that repeats itself, without holding others up', async () => {
    const same = Buffer.alloc(2 << 20, 'a');
    for (const wanted of [`${'a'.repeat(10_000)}b${'a'.repeat(10_000)}`, `ab${'a'.repeat(10_000)}`]) {
      assert.deepEqual(await applyEdit(same, { old: wanted, new: '' }, MAX), { kind: 'no-match', matches: 0 });
    }
    const { length } = same;
    const run = 'a'.repeat(10_000);
    assert.deepEqual(await applyEdit(same, { old: run, new: '' }, MAX), { kind: 'no-match', matches: length - 9999 });
    const all = await applyEdit(same, { old: run, new: 'b', all: true }, MAX);
    assert.ok(all.kind === 'edited');
    assert.equal(String(all.bytes), 'b'.repeat(length / 10_000) + 'a'.repeat(length % 10_000));
  });

  it('makes nothing that would be too big', async () => {
    const edit = { old: 'a', new: 'x'.repeat(1 << 20), all: true };
    assert.deepEqual(await applyEdit(Buffer.alloc(1 << 20, 'a'), edit, MAX), { kind: 'too-big', bytes: 2 ** 40 });
  });

  it('finds what a plain search finds, in texts of few letters', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 200 });
    const some = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, some, async (content, wanted) => {
        const found: number[] = [];
        await findBytes(Buffer.from(content), Buffer.from(wanted), (at) => found.push(at));
        const expected: number[] = [];
        for (let at = content.indexOf(wanted); at !== -1; at = content.indexOf(wanted, at + 1)) expected.push(at);
        assert.deepEqual(found, expected);
      }),
    );
  });

  it('does what replaceAll does on any text', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é'), maxLength: 30 });
    const some = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é'), minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(text, some, some, async (content, old, to) => {
        const outcome = await applyEdit(bytesOf(content), { old, new: to, all: true }, MAX);
        if (outcome.kind === 'edited')
          assert.equal(
            String(outcome.bytes),
            content.replaceAll(old, () => to),
          );
        else assert.ok(outcome.kind === 'no-match' && !content.includes(old));
      }),
    );
  });
});
