import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cutTags, resultOf, spokenOf } from '../../../src/agents/cline/toolText.ts';

describe('calls that a model writes as text', () => {
  it('are found between what it says and thinks, with their parameters', () => {
    const text =
      'First.\n<thinking>\nhm\n</thinking>\n<read_file>\n<path>src/a b.ts</path>\n</read_file>\nThen <write_to_file>\n<path>x</path>\n<content>\na </content> b\n\n</content>\n</write_to_file>';
    assert.deepEqual(spokenOf(text), [
      { kind: 'text', text: 'First.' },
      { kind: 'thought', text: 'hm' },
      { kind: 'call', call: { name: 'read_file', input: { path: 'src/a b.ts' } } },
      { kind: 'text', text: 'Then' },
      { kind: 'call', call: { name: 'write_to_file', input: { path: 'x', content: 'a </content> b\n' } } },
    ]);
  });

  it('that only say something are what they say', () => {
    assert.deepEqual(spokenOf('<attempt_completion>\n<result>Done &amp; gone</result>\n</attempt_completion>'), [
      { kind: 'text', text: 'Done &amp; gone' },
    ]);
  });

  it('are text where they were cut off, or are no tool of the agent', () => {
    for (const text of ['<read_file>\n<path>x</path>', '<div>x</div>', '</read_file>'])
      assert.deepEqual(spokenOf(text), [{ kind: 'text', text }]);
  });

  it('have parameters that reach no prototype', () => {
    const [call] = spokenOf('<read_file><__proto__>{"a":1}</__proto__></read_file>');
    assert.ok(call?.kind === 'call');
    assert.equal(Object.getPrototypeOf(call.call.input), Object.prototype);
    assert.deepEqual(Object.keys(call.call.input), ['__proto__']);
  });

  it('lose no word of a text that has none, and never throw', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<read_file>',
        '</read_file>',
        '<path>',
        '</path>',
        '<thinking>',
        '</thinking>',
        '<content>',
        '</content>',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const spoken = spokenOf(text);
        if (!/<(?:read_file|thinking)>/.test(text))
          assert.deepEqual(spoken, text.trim() === '' ? [] : [{ kind: 'text', text: text.trim() }]);
      }),
    );
  });

  it('are looked for in one pass: a million opening tags are no matter', () => {
    const text = '<read_file><path>'.repeat(200_000);
    assert.equal(spokenOf(text).length, 1);
    assert.equal(cutTags(text, ['read_file']).cut.length, 0);
    assert.equal(spokenOf(`<read_file>${'<path>'.repeat(200_000)}</read_file>`).length, 1);
  });

  it('get their results by name', () => {
    assert.deepEqual(resultOf("[read_file for 'src/a.ts'] Result:\n1 | x"), {
      name: 'read_file',
      about: 'src/a.ts',
      text: '1 | x',
    });
    assert.deepEqual(resultOf('[attempt_completion] Result:\n'), { name: 'attempt_completion', about: '', text: '' });
    assert.equal(resultOf('see [read_file] Result:'), undefined);
    assert.equal(resultOf(`[${'a'.repeat(100_000)}`), undefined);
  });
});
