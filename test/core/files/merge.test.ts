import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Merged, mergeVersions } from '../../../src/core/files/merge/mergeVersions.ts';

function merge(base: string | Buffer, ours: string | Buffer, theirs: string | Buffer): Promise<Merged> {
  return mergeVersions({ base: Buffer.from(base), ours: Buffer.from(ours), theirs: Buffer.from(theirs) });
}

/** The merged text, or why there is none. */
async function merged(base: string, ours: string, theirs: string): Promise<string> {
  const outcome = await merge(base, ours, theirs);
  return outcome.kind === 'merged' ? String(outcome.bytes) : outcome.kind;
}

const letters = (text: string): string => [...text].map((letter) => `${letter}\n`).join('');

describe('mergeVersions', function () {
  this.timeout(20_000);
  it('takes the changes of both sides, before and after each other, and in turns', async () => {
    assert.equal(await merged(letters('abcde'), letters('Abcde'), letters('abcdE')), letters('AbcdE'));
    assert.equal(await merged(letters('abcde'), letters('abcdE'), letters('Abcde')), letters('AbcdE'));
    assert.equal(await merged(letters('abcdefg'), letters('AbcdefG'), letters('abcDefg')), letters('AbcDefG'));
    assert.equal(await merged(letters('abcdefg'), letters('1abcefg'), letters('abcde8fg')), letters('1abce8fg'));
    assert.equal(await merged(letters('abcdefg'), letters('adefg'), letters('abcd12eg')), letters('ad12eg'));
  });

  it('tells changes of the same lines, and of lines that touch', async () => {
    assert.equal(await merged(letters('abc'), letters('aXc'), letters('aYc')), 'overlap');
    assert.equal(await merged(letters('abcd'), letters('aXcd'), letters('abYd')), 'overlap');
    assert.equal(await merged(letters('abcd'), letters('aXbcd'), letters('aYbcd')), 'overlap');
    assert.equal(await merged(letters('abcd'), letters('acd'), letters('aBcd')), 'overlap');
    assert.equal(await merged('', 'ours\n', 'theirs\n'), 'overlap');
    assert.equal(await merged('a\n', '', 'b\n'), 'overlap');
  });

  it('takes what both sides did alike once', async () => {
    assert.equal(await merged(letters('abc'), letters('aXc'), letters('aXc')), letters('aXc'));
    assert.equal(await merged(letters('abcde'), letters('XbcdO'), letters('XbcTe')), 'overlap');
    assert.equal(await merged(letters('abcdefg'), letters('XbcdefO'), letters('XbcTefg')), letters('XbcTefO'));
    assert.equal(await merged('', letters('new'), letters('new')), letters('new'));
  });

  it('merges where the same lines come again and again', async () => {
    const lines = Array.from({ length: 20_000 }, () => 'same\n');
    const ours = lines.with(100, 'ours\n').join('');
    const theirs = lines.with(19_000, 'theirs\n').join('');
    const both = lines.with(100, 'ours\n').with(19_000, 'theirs\n').join('');
    assert.equal(await merged(lines.join(''), ours, theirs), both);
  });

  it('keeps a last line without a line end', async () => {
    assert.equal(await merged('a\nb\nc', 'A\nb\nc', 'a\nb\nC'), 'A\nb\nC');
    assert.equal(await merged('a\nb\nc', 'A\nb\nc', 'a\nb\nc\n'), 'A\nb\nc\n');
    assert.equal(await merged('a\nb\nc\n', 'A\nb\nc\n', 'a\nb\nc'), 'A\nb\nc');
    assert.equal(await merged('a\nb\nc', 'A\nb\nc', 'a\nb\nc\nd'), 'A\nb\nc\nd');
  });

  it('gives the result the BOM and the line ends of the current file, whatever an agent recorded', async () => {
    const [base, ours] = [letters('abcd'), letters('Abcd')];
    assert.equal(await merged(base, ours, '\uFEFFa\r\nb\r\nc\r\nD\r\n'), '\uFEFFA\r\nb\r\nc\r\nD\r\n');
    assert.equal(await merged(base, ours, 'a\r\nb\r\nc\r\nD'), 'A\r\nb\r\nc\r\nD');
    const asIs = (text: string): string => `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    assert.equal(await merged(asIs(base), asIs(ours), letters('abcD')), letters('AbcD'));
    assert.equal(await merged(asIs(base), asIs(ours), asIs(letters('abcD'))), asIs(letters('AbcD')));
    assert.equal(await merged('one', 'two\r\n', 'one'), 'two\r\n');
  });

  it('keeps every line end of a file that mixes them', async () => {
    const base = 'a\r\nb\nc\r\nd\ne\n';
    assert.equal(await merged(base, base.replace('a', 'A'), base.replace('e', 'E')), 'A\r\nb\nc\r\nd\nE\n');
    assert.equal(await merged(letters('abcde'), letters('Abcde'), 'a\nb\nc\nd\ne\r\n'), 'A\nb\nc\nd\ne\r\n');
    assert.equal(await merged(letters('abcde'), letters('Abcde'), 'a\r\nb\nc\nd\ne\n'), 'overlap');
  });

  it('keeps a CR that is not part of a line end', async () => {
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    assert.equal(await merged('a\rx\nb\nc\n', 'a\rx\nb\nC\n', 'A\rx\nb\nc\n'), 'A\rx\nb\nC\n');
    const [base, ours, theirs] = ['a\r\nb\nc\n', 'a\r\nb\nC\n', 'A\r\nb\nc\n'].map(crlf) as [string, string, string];
    assert.equal(await merged(base, ours, theirs), crlf('A\r\nb\nC\n'));
  });

  it('merges no bytes that are not UTF-8 text, on whichever side', async () => {
    const text = Buffer.from(letters('abcd'));
    const utf16 = Buffer.from(`\uFEFF${letters('abcd')}`, 'utf16le');
    for (const bytes of [Buffer.from([0x61, 0xe9, 0x0a]), Buffer.from('a\0\n'), utf16]) {
      assert.equal((await merge(bytes, text, text)).kind, 'not-mergeable');
      assert.equal((await merge(text, bytes, text)).kind, 'not-mergeable');
      assert.equal((await merge(text, text, bytes)).kind, 'not-mergeable');
    }
  });

  it('knows lines with the names of an object’s own properties', async () => {
    const base = '__proto__\nconstructor\ntoString\n__proto__\nconstructor\nhasOwnProperty\n';
    const outcome = await merged(base, `ours\n${base}ours\n`, base.replace('toString', 'theirs'));
    assert.equal(outcome, `ours\n${base.replace('toString', 'theirs')}ours\n`);
  });

  it('gives up what is too big or would take too long', async () => {
    const big = 'x'.repeat(4 << 20);
    assert.equal(await merged(`${big}\n`, 'a\n', 'b\n'), 'not-mergeable');
    const many = '\n'.repeat(25_001);
    for (const [base, ours, theirs] of [
      [many, 'a\n', 'b\n'],
      ['a\n', many, 'b\n'],
      ['a\n', 'b\n', many],
    ] as const) {
      assert.equal(await merged(base, ours, theirs), 'too-costly');
    }
    assert.equal(await merged(many.slice(1), `${many.slice(2)}a\n`, `b${many.slice(1)}`), `b${many.slice(2)}a\n`);
    const same = Array.from({ length: 2000 }, () => 'same\n');
    const around = same.with(1, 'ours\n').with(1998, 'ours\n').join('');
    assert.equal(await merged(same.join(''), around, same.with(1000, 'theirs\n').join('')), 'too-costly');
  });

  it('merges many changes that take turns in a long file', async () => {
    const base = Array.from({ length: 20_000 }, (_, index) => (index % 5 === 0 ? '}\n' : `line ${index}\n`));
    const change = (by: string, at: number) => (line: string, index: number) => (index % 20 === at ? by : line);
    const ours = base.map(change('ours\n', 1));
    const both = ours.map(change('theirs\n', 11)).join('');
    assert.equal(await merged(base.join(''), ours.join(''), base.map(change('theirs\n', 11)).join('')), both);
  });

  it('lets nothing of a moved block be lost', async () => {
    const base = letters('abcdefghij');
    assert.equal(await merged(base, letters('adefghbcij'), letters('abcdefghiJ')), letters('adefghbciJ'));
    assert.equal(await merged(base, letters('adefghbcij'), letters('aBcdefghij')), 'overlap');
  });
});

/** Lines of which many are equal, so that alignment is a choice. */
const someLines = fc.array(fc.constantFrom('a', 'b', 'c', '', '}', '__proto__'), { maxLength: 12 });
const toText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** A version made of unique base lines: some dropped, unique ones of `who` put between. */
interface Edits {
  readonly dropped: ReadonlySet<number>;
  readonly added: ReadonlySet<number>;
}
const SIZE = 30;
const edits = fc.record({
  dropped: fc.uniqueArray(fc.nat(SIZE - 1), { maxLength: 6 }).map((list) => new Set(list)),
  added: fc.uniqueArray(fc.nat(SIZE), { maxLength: 6 }).map((list) => new Set(list)),
});
const base = Array.from({ length: SIZE }, (_, index) => `base ${index}`);

function apply({ dropped, added }: Edits, who: string): string[] {
  const lines: string[] = [];
  for (let index = 0; index <= SIZE; index++) {
    if (added.has(index)) lines.push(`${who} ${index}`);
    if (index < SIZE && !dropped.has(index)) lines.push(`base ${index}`);
  }
  return lines;
}

describe('mergeVersions, for any versions', function () {
  this.timeout(20_000);
  it('drops no line that one side added, and brings back none that one side deleted', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(edits, edits, async (our, their) => {
        const outcome = await merge(toText(base), toText(apply(our, 'ours')), toText(apply(their, 'theirs')));
        if (outcome.kind === 'overlap') return;
        assert.ok(outcome.kind === 'merged');
        count++;
        const lines = String(outcome.bytes).split('\n').slice(0, -1);
        const wanted = [
          ...base.filter((_, index) => !our.dropped.has(index) && !their.dropped.has(index)),
          ...[...our.added].map((index) => `ours ${index}`),
          ...[...their.added].map((index) => `theirs ${index}`),
        ];
        assert.deepEqual(lines.sort(), wanted.sort());
      }),
      { numRuns: 500 },
    );
    assert.ok(count > 0);
  });

  it('always merges changes that lie apart', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(13),
        fc.integer({ min: 16, max: SIZE - 1 }),
        edits,
        edits,
        async (low, high, our, their) => {
          const within = (from: number, to: number, { dropped, added }: Edits): Edits => ({
            dropped: new Set([...dropped].filter((index) => index >= from && index < to)),
            added: new Set([...added].filter((index) => index >= from && index <= to)),
          });
          const [first, second] = [within(0, low, our), within(high, SIZE, their)];
          const ours = toText(apply(first, 'ours'));
          const theirs = toText(apply(second, 'theirs'));
          for (const outcome of [await merge(toText(base), ours, theirs), await merge(toText(base), theirs, ours)]) {
            assert.ok(outcome.kind === 'merged');
            const wanted = [
              ...apply(first, 'ours').slice(0, apply(first, 'ours').indexOf('base 14')),
              ...apply(second, 'theirs').slice(apply(second, 'theirs').indexOf('base 14')),
            ];
            assert.equal(String(outcome.bytes), toText(wanted));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the version of the one side that changed anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), async (one, other) => {
        fc.pre(!one.includes('\0') && !other.includes('\0') && one.isWellFormed() && other.isWellFormed());
        assert.equal(await merged(one, other, one), other);
        assert.equal(await merged(one, one, other), other);
        assert.equal(await merged(one, other, other), other);
      }),
    );
  });

  it('ends alike whichever side is ours, with or without CRLF and a BOM', async () => {
    const [lf, crlf] = [(text: string) => text, (text: string) => text.replaceAll('\n', '\r\n')];
    const bom = (text: string): string => `\uFEFF${crlf(text)}`;
    await fc.assert(
      fc.asyncProperty(someLines, someLines, someLines, async (first, second, third) => {
        const [o, a, b] = [toText(first), toText(second), toText(third)];
        const plain = await merged(o, a, b);
        assert.equal(await merged(o, b, a), plain);
        for (const end of [lf, crlf, bom]) {
          // In a text without a line end there is nothing to see of the current file's.
          if (b === '') continue;
          const outcome = await merged(o, end(a), end(b));
          assert.equal(outcome, plain === 'overlap' ? plain : end(plain));
        }
      }),
      { numRuns: 500 },
    );
  });
});
