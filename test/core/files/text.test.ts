import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import fc from 'fast-check';
import { applyEdit } from '../../../src/core/files/guard/applyEdit.ts';
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

describe('edit of bytes', () => {
  const edited = async (text: string | Buffer, old: string, to: string, all = false): Promise<string | number> => {
    const outcome = await applyEdit(Buffer.from(text as string), { old, new: to, all });
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

  it('does what replaceAll does on any text', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é'), maxLength: 30 });
    const some = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é'), minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(text, some, some, async (content, old, to) => {
        const outcome = await applyEdit(bytesOf(content), { old, new: to, all: true });
        if (outcome.kind === 'edited')
          assert.equal(
            String(outcome.bytes),
            content.replaceAll(old, () => to),
          );
        else assert.equal(content.includes(old), false);
      }),
    );
  });
});
