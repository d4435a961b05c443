import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Line, readLines } from '../../src/agents/lines.ts';

describe('the line splitter', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-lines-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function linesOf(bytes: Uint8Array | string, options: Parameters<typeof readLines>[1] = {}): Promise<Line[]> {
    const file = join(folder, 'file');
    await writeFile(file, bytes);
    const handle = await open(file);
    try {
      const lines: Line[] = [];
      for await (const batch of readLines(handle, options)) lines.push(...batch);
      return lines;
    } finally {
      await handle.close();
    }
  }
  const texts = async (bytes: Uint8Array | string) => (await linesOf(bytes)).map(({ text }) => text);

  it('drops a byte order mark, carriage returns and the NULs that a crash left', async () => {
    assert.deepEqual(await texts('\ufeff{"a":1}\r\n{"b":2}\n\0\0\0{"c":3}\n\0\0\0\0'), [
      '{"a":1}',
      '{"b":2}',
      '{"c":3}',
      '',
    ]);
  });

  it('marks a last line without its end as torn', async () => {
    assert.deepEqual(
      (await linesOf('one\ntwo')).map(({ text, torn, number }) => ({ text, torn, number })),
      [
        { text: 'one', torn: false, number: 1 },
        { text: 'two', torn: true, number: 2 },
      ],
    );
  });

  it('replaces invalid UTF-8 and says in which line', async () => {
    const lines = await linesOf(Buffer.concat([Buffer.from('ok \ufffd\n'), Buffer.from([0x61, 0xff, 0x62, 0x0a])]));
    assert.deepEqual(
      lines.map(({ text, invalidUtf8 }) => [text, invalidUtf8]),
      [
        ['ok \ufffd', false],
        ['a\ufffdb', true],
      ],
    );
  });

  it('has no limit for the length of a line', async () => {
    const long = 'ä'.repeat(1_500_000);
    assert.deepEqual(await texts(`short\n${long}\nend\n`), ['short', long, 'end']);
  });

  it('goes on in the middle of a file with the right numbers and offsets', async () => {
    const [line] = await linesOf('one\ntwo\nthree\n', { from: 4, to: 8, number: 2 });
    assert.deepEqual(line, { text: 'two', from: 4, to: 8, number: 2, invalidUtf8: false, torn: false });
  });

  it('gives back the bytes of every line, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), async (parts) => {
        const bytes = Buffer.from(parts.map((part) => part.replace(/[\n\r\0\ufeff]/g, '')).join('\n'));
        const lines = await linesOf(bytes);
        for (const line of lines) {
          const own = bytes.subarray(line.from, line.to).toString();
          assert.equal(own.replace(/\n$/, ''), line.text);
        }
        assert.equal(lines.at(-1)?.to ?? 0, bytes.length);
        assert.deepEqual(
          lines.map(({ number }) => number),
          lines.map((_, index) => index + 1),
        );
      }),
    );
  });
});
