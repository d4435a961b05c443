import assert from 'node:assert/strict';
import fc from 'fast-check';
import { placeAfter, type TextChange, textChanges } from '../../src/vscode/editing/textChanges.ts';

/** Texts of few different lines, with what is easily cut in two. */
const piece = fc.constantFrom('a', 'b', 'ab', '\n', '\r\n', '😀', '😁', ' ', 'line\n');
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

function applied(before: string, changes: readonly TextChange[]): string {
  let made = '';
  let at = 0;
  for (const change of changes) {
    assert.ok(change.start >= at && change.end >= change.start, 'in order, and apart');
    made += before.slice(at, change.start) + change.text;
    at = change.end;
  }
  return made + before.slice(at);
}

describe('The changes from one text to the next', () => {
  it('make it, whatever the texts', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        assert.equal(applied(before, textChanges(before, after)), after);
      }),
    );
  });

  it('never cut a character, or a line’s end, in two', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        for (const { start, end, text: put } of textChanges(before, after)) {
          for (const at of [start, end])
            assert.doesNotMatch(before.slice(at - 1, at + 1), /^(\r\n|[\ud800-\udbff][\udc00-\udfff])$/);
          assert.ok(put.isWellFormed());
        }
      }),
    );
  });

  it('are none where nothing changed, and only what changed in a line', () => {
    assert.deepEqual(textChanges('a\nb\n', 'a\nb\n'), []);
    assert.deepEqual(textChanges('one two three\n', 'one 2 three\n'), [{ start: 4, end: 7, text: '2' }]);
  });

  it('are apart where lines between them stay, however long the text is', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
    const before = lines.join('\n');
    const after = lines.with(10, 'x').with(12, 'y').join('\n');
    const changes = textChanges(before, after);
    assert.equal(changes.length, 2);
    assert.equal(applied(before, changes), after);
  });

  it('are one where too much differs to be compared', () => {
    const before = `a${'x\n'.repeat(200_000)}b`;
    const after = `c${'x\n'.repeat(200_000)}d`;
    assert.equal(textChanges(before, after).length, 1);
    assert.equal(applied(before, textChanges(before, after)), after);
  });

  it('tell where a place is afterwards: on the same character, where it is still there', () => {
    fc.assert(
      fc.property(text, text, fc.nat(), (before, after, n) => {
        const changes = textChanges(before, after);
        const offset = n % (before.length + 1);
        const place = placeAfter(changes, offset);
        assert.ok(place >= 0 && place <= after.length);
        const isGone = changes.some(({ start, end }) => offset >= start && offset < end);
        if (!isGone && offset < before.length) assert.equal(after[place], before[offset]);
      }),
    );
  });
});
