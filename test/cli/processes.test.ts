import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { skipBecause } from '../support/skip.ts';
import { claudeLines, placeClaude } from './support/claude.ts';
import { makePlace, type Place } from './support/cli.ts';

const root = path.join(import.meta.dirname, '../..');

describe('command line: the bundle, as processes', function () {
  this.timeout(30_000);
  let place: Place;
  let bundle: string;
  before(async () => {
    place = makePlace();
    bundle = path.join(place.dir, 'holdfast.cjs');
    // As esbuild.mjs builds it: nothing external, so an import of `vscode` would fail here.
    await build({
      absWorkingDir: root,
      entryPoints: ['src/cli/main.ts'],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      mainFields: ['module', 'main'],
      format: 'cjs',
      target: 'node22.22',
      logLevel: 'silent',
    });
    place.write('price.js', 'one\n');
    placeClaude(place, claudeLines(place, 'price.js', 'one\n'));
    const saved = await run(['save', 'claude-code:5f0c', '--name', 'cost']);
    assert.equal(saved.code, 0, saved.err);
  });
  after(() => place.remove());

  const start = (argv: string[]): ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> } =>
    spawn(process.execPath, [bundle, '--folder', place.folder, '--home', place.home, ...argv], {
      cwd: place.folder,
      stdio: 'pipe',
    });
  const run = async (argv: string[], input = ''): Promise<{ code: number | null; out: string; err: string }> => {
    const child = start(argv);
    const ended = once(child, 'close');
    child.stdin.end(input);
    assert.ok(child.stdout !== null && child.stderr !== null);
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await ended;
    return { code: child.exitCode, out, err };
  };

  it('shares what it has read with the next process', async () => {
    place.write('price.js', 'two\n');
    assert.equal((await run(['write', 'cost', 'price.js', '--json'], 'three\n')).code, 3);
    assert.equal((await run(['read', 'cost', 'price.js'])).out, 'two\n');
    assert.equal((await run(['write', 'cost', 'price.js', '--json'], 'three\n')).code, 0);
    assert.equal(place.text('price.js'), 'three\n');
  });

  it('lets one of two simultaneous writes through and tells the other, or takes them one after the other', async () => {
    await run(['read', 'cost', 'price.js']);
    const outcomes = await Promise.all(
      ['a\n', 'b\n'].map((input) => run(['write', 'cost', 'price.js', '--json'], input)),
    );
    const written = outcomes.filter(({ code }) => code === 0);
    assert.ok(written.length >= 1);
    for (const { code, out } of outcomes) {
      if (code !== 0) {
        assert.equal(code, 3, out);
        assert.equal(JSON.parse(out).kind, 'conflict');
      }
    }
    assert.match(place.text('price.js'), /^[ab]\n$/);
    assert.equal((await run(['check', 'cost'])).code, 0);
  });

  it('keeps both of two simultaneous saves readable', async () => {
    const outcomes = await Promise.all([1, 2].map(() => run(['save', 'claude-code:5f0c', '--json'])));
    for (const { code, out } of outcomes) assert.equal(code, 0, out);
    const [first, second] = outcomes.map(({ out }) => JSON.parse(out).revision).sort();
    assert.equal(second, first + 1);
    assert.equal((await run(['show', 'cost'])).code, 0);
  });

  it('ends quietly when its reader leaves early', async () => {
    const history = Array.from({ length: 5000 }, (_, index) => ({
      id: `m${index}`,
      role: 'user',
      content: 'x'.repeat(500),
    }));
    place.write(
      'big.json',
      JSON.stringify({ schema: 'holdfast/1', session_id: 's-1', created_at: '2026-11-20T10:00:00.000Z', history }),
    );
    assert.equal((await run(['import', 'big.json', '--name', 'big'])).code, 0);
    const child = start(['show', 'big']);
    assert.ok(child.stdout !== null && child.stderr !== null);
    const said = text(child.stderr);
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    assert.equal(await said, '');
    assert.equal(code, 0);
  });

  it('reads and writes bytes as they are', async () => {
    const bytes = '\ufeffa\r\n\u0000é';
    assert.equal((await run(['write', 'cost', 'bytes.txt'], bytes)).code, 0);
    const read = await run(['read', 'cost', 'bytes.txt', '--json']);
    assert.equal(JSON.parse(read.out).text, bytes);
  });

  it('prints one JSON document also for a usage error', async () => {
    const ran = await run(['nonsense', '--json']);
    assert.equal(ran.code, 2);
    assert.equal(JSON.parse(ran.out).error.code, 'usage');
    assert.equal(ran.err, '');
  });

  it('tells on stderr, with exit code 1, that its output is full', async function () {
    if (!fs.existsSync('/dev/full')) skipBecause(this, 'no /dev/full here');
    const full = fs.openSync('/dev/full', 'w');
    try {
      const child = spawn(process.execPath, [bundle, '--folder', place.folder, 'list', '--json'], {
        stdio: ['ignore', full, 'pipe'],
      });
      assert.ok(child.stderr !== null);
      const said = text(child.stderr);
      const [code] = await once(child, 'close');
      assert.equal(code, 1);
      assert.match(await said, /No space is left/);
    } finally {
      fs.closeSync(full);
    }
  });
});
