import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Agent, readerOptions } from '../../../../src/agents/index.ts';
import type { SessionEvent } from '../../../../src/core/index.ts';
import { fold } from '../transcripts.ts';
import { assertSound } from './reading.ts';
import { makePlace, type PlacedRecord, recordsOf, type Samples } from './sample.ts';

const DEEP = 20_000;
const deep = `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`;

/** JSON texts that stand where something else is expected. */
const ODD = [
  'null',
  'true',
  '0',
  '-1',
  '1e308',
  '9007199254740993',
  '""',
  '" "',
  '"\\ud800"',
  '"\\u0000"',
  '"../../../../etc/passwd"',
  '"-x"',
  '"constructor"',
  '"9999-99-99T99:99:99Z"',
  '[]',
  '[null]',
  '[[]]',
  '["text"]',
  '[{}]',
  '{}',
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  '{"toString":1,"type":{},"role":[],"content":{"text":7}}',
  '[{"type":"text"},{"type":"file"},{"type":"image","source":{}},{"type":"tool_use"},{"type":"tool_result","content":[{"type":"image"}]}]',
  JSON.stringify('x'.repeat(100_000)),
  deep,
];

/** How one record is spoiled; `seed` chooses the place. */
interface Spoil {
  readonly how: 'truncate' | 'replace' | 'remove' | 'rename' | 'repeat' | 'swap' | 'garbage' | 'retype';
  readonly record: number;
  readonly seed: number;
  readonly odd: string;
}

const spoil: fc.Arbitrary<Spoil> = fc.record({
  how: fc.constantFrom(
    'truncate',
    'replace',
    'replace',
    'replace',
    'remove',
    'rename',
    'repeat',
    'swap',
    'garbage',
    'retype',
  ),
  record: fc.nat(),
  seed: fc.nat(),
  odd: fc.oneof(fc.constantFrom(...ODD), fc.json()),
});

/** What the reader of an agent promises for transcripts that are torn, foreign, newer or meant to harm. */
export function hostile(agent: Agent, { transcripts }: Samples): void {
  for (const sample of transcripts) {
    it(`never throws on ${sample.name} with its records spoiled, and what it makes of them is sound`, async () => {
      const place = await makePlace();
      try {
        const file = await sample.put(place.where, place.folder, 1);
        const records = await recordsOf(agent, file);
        const options = await readerOptions(agent, file);
        const check = (spoiled: readonly PlacedRecord[]): void => {
          const reader = agent.reader(options);
          const events: SessionEvent[] = [];
          for (const [index, { text, at }] of spoiled.entries()) {
            reader.push(text, { ...at, number: index + 1 });
            events.push(...reader.takeEvents());
          }
          const messages = reader.messages();
          assertSound(messages);
          const told = fold(events).map(({ id }) => id);
          assert.deepEqual(
            told,
            messages.map(({ id }) => id),
          );
          for (const { path } of reader.takeTouches()) assert.ok(path !== '' && !path.includes('\0'), 'a path');
          for (const [name, value] of Object.entries(reader.counts()))
            assert.ok(Array.isArray(value) || (Number.isFinite(value) && value >= 0), `${name} is ${value}`);
          const { config, source, metadata } = reader.facts();
          JSON.stringify({ config, source, metadata, problems: reader.problems() });
          assert.equal(({} as { polluted?: unknown }).polluted, undefined);
        };
        for (const [index, { text, at }] of records.entries()) {
          for (const one of singles(text))
            check([...records.slice(0, index), { text: one, at }, ...records.slice(index + 1)]);
        }
        fc.assert(
          fc.property(fc.array(spoil, { minLength: 1, maxLength: 4 }), (spoils) => {
            check(spoils.reduce<readonly PlacedRecord[]>(spoilt, records));
          }),
          { numRuns: 200 },
        );
      } finally {
        await place.remove();
      }
    });
  }
}

function spoilt(records: readonly PlacedRecord[], { how, record, seed, odd }: Spoil): readonly PlacedRecord[] {
  const index = records.length === 0 ? 0 : record % records.length;
  const chosen = records[index];
  if (chosen === undefined) return records;
  const put = (...texts: readonly string[]): readonly PlacedRecord[] => [
    ...records.slice(0, index),
    ...texts.map((text) => ({ ...chosen, text })),
    ...records.slice(index + 1),
  ];
  switch (how) {
    case 'truncate':
      return put(chosen.text.slice(0, seed % (chosen.text.length + 1)));
    case 'garbage':
      return put(odd);
    case 'repeat':
      return put(chosen.text, chosen.text);
    case 'swap':
      return put(records[seed % records.length]?.text ?? '');
    default:
      return put(edited(chosen.text, how, seed, odd));
  }
}

/** The text with each of its fields, by itself, replaced by each of the odd values. */
function* singles(text: string): Generator<string> {
  for (let field = 0; field < [...text.matchAll(FIELD)].length; field += 1)
    for (const odd of ODD) yield edited(text, 'replace', field, odd);
}

const FIELD = /"(?:[^"\\]|\\.)*"\s*:/g;

/** One field of a JSON text changed. The value is put in as text: JSON.stringify could not write what nests too deep. */
function edited(text: string, how: 'replace' | 'remove' | 'rename' | 'retype', seed: number, odd: string): string {
  const fields = [...text.matchAll(FIELD)];
  const field = fields[seed % Math.max(1, fields.length)];
  if (field === undefined) return odd;
  const from = field.index + field[0].length;
  const to = valueEnd(text, from);
  switch (how) {
    case 'replace':
      return text.slice(0, from) + odd + text.slice(to);
    case 'remove':
      return `${text.slice(0, field.index)}"removed":0${text.slice(to)}`;
    case 'rename':
      return `${text.slice(0, field.index)}"__proto__":${text.slice(from)}`;
    case 'retype':
      return `${text.slice(0, from)}[${text.slice(from, to)}]${text.slice(to)}`;
  }
}

/** Where the JSON value that begins at `from` ends. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') {
      at = stringEnd(text, at);
      if (depth === 0) return at + 1;
    } else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (letter === ',' && depth === 0) return at;
  }
  return text.length;
}

function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
