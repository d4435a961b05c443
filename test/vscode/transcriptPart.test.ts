import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PAGE, type Part, partToShow, upToEnd } from '../../src/vscode/views/transcriptPart.ts';

describe('The part of a transcript that is shown', () => {
  it('is at first the last page, and grows with the session', () => {
    assert.deepEqual(partToShow(16, undefined, undefined), { from: 0 });
    assert.deepEqual(partToShow(1000, undefined, undefined), { from: 1000 - PAGE });
    assert.deepEqual(partToShow(1002, { from: 1000 - PAGE }, undefined), { from: 1000 - PAGE });
  });

  it('stays where it is for a message that is in it, and goes to one that is not', () => {
    assert.deepEqual(partToShow(1000, { from: 900 }, 950), { from: 900 });
    assert.deepEqual(partToShow(1000, { from: 900 }, 7), { from: 1, to: 1 + PAGE });
    assert.deepEqual(partToShow(1000, undefined, 1), { from: 0, to: PAGE });
  });

  it('has the message that was asked for, and never more than a page for it', () => {
    const parts = fc.option(fc.record({ from: fc.nat(5000), to: fc.nat(5000) }), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), parts, (total, at, shown) => {
        const message = (at % total) + 1;
        const kept: Part | undefined = shown && shown.from < shown.to ? upToEnd(shown, total) : undefined;
        const { from, to = total } = partToShow(total, kept, message);
        assert.ok(from >= 0 && from < message && message <= to && to <= total);
        assert.ok(to - from <= Math.max(PAGE, kept ? (kept.to ?? total) - kept.from : 0));
      }),
    );
  });
});
