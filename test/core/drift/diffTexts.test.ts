import assert from 'node:assert/strict';
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { diffTexts } from '../../../src/core/drift/briefing/diffTexts.ts';
import { numbered } from './support/repository.ts';

describe('what became of a text', () => {
  it('is told by hunks that make the new text of the old one', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', '-x', '+y', '@@ z'), { maxLength: 30 })
      .chain((lines) => fc.boolean().map((end) => lines.join('\n') + (end ? '\n' : '')));
    fc.assert(
      fc.property(text, text, (seen, now) => {
        const diff = diffTexts(seen, now);
        if (seen === now) assert.deepEqual(diff, { kind: 'same-text' });
        else {
          assert.equal(diff.kind, 'hunks');
          assert.equal(diff.kind === 'hunks' && applyPatch(seen, `--- a\n+++ b\n${diff.hunks.join('\n')}\n`), now);
        }
      }),
    );
  });

  it('names the lines by their numbers, also where much lies before and after them', () => {
    const text = numbered(20_000);
    const diff = diffTexts(text, text.replace('line 15000\n', 'X\nY\n'));
    assert.deepEqual(diff, {
      kind: 'hunks',
      added: 2,
      removed: 1,
      hunks: ['@@ -14998,5 +14998,6 @@\n line 14998\n line 14999\n-line 15000\n+X\n+Y\n line 15001\n line 15002'],
    });
  });

  it('is only summarised where it is long: too many lines, far apart, or too big', () => {
    const other = (number: number): string => `other ${number}`;
    assert.equal(diffTexts(numbered(151), numbered(151, other)).kind, 'too-different');
    assert.equal(diffTexts(numbered(149), numbered(149, other)).kind, 'hunks');
    const far = numbered(20_000);
    assert.equal(diffTexts(far, far.replace('line 2\n', '').replace('line 19999\n', '')).kind, 'too-different');
    const big = `${'x'.repeat(1 << 20)}\n`;
    assert.equal(diffTexts(big, `${big}y\n`).kind, 'too-different');
  });
});
