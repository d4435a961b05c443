import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { isStale, type ReadCacheEntry, stampFile, toEntry } from '../../src/core/index.ts';
import { loadSession } from '../../src/vscode/session/loadSession.ts';
import { makeParts } from './support/parts.ts';
import { api, file, reset, store, until, write } from './support/world.ts';

const FILES = 5000;

describe('A checkout of 5,000 files that the session has read', function () {
  this.timeout(180_000);

  const git = (...args: readonly string[]): void => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'gc.auto=0'];
    execFileSync('git', [...who, ...args], { cwd: file('many'), stdio: 'pipe' });
  };
  /** A number for whoever reads the run's listing. */
  const say = (line: string): void => {
    const listing = process.env['HOLDFAST_TEST_OUTPUT'];
    if (listing) fs.appendFileSync(listing, `      ${line}\n`);
  };
  before(async () => {
    await api();
    await reset();
  });
  after(async () => {
    fs.rmSync(file('many'), { recursive: true, force: true });
    await reset();
  });

  it('is in the report whole, soon after its end', async () => {
    const names = Array.from({ length: FILES }, (_, n) => `many/${n % 100}/${n}.ts`);
    fs.mkdirSync(file('many'));
    git('init', '-q', '-b', 'one');
    for (const name of names) write(name, `export const one = '${name}';\n${'// text\n'.repeat(100)}`);
    git('add', '.');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'two');
    for (const name of names) write(name, `export const two = '${name}';\n${'// text\n'.repeat(100)}`);
    git('commit', '-qam', 'two');
    git('checkout', '-q', 'one');
    const entries: [string, ReadCacheEntry][] = [];
    for (const name of names) {
      const outcome = await stampFile(file(name), Date.now);
      assert.ok(outcome.kind === 'stamped', JSON.stringify(outcome));
      entries.push([name, toEntry(outcome.stamp)]);
    }
    const at = new Date().toISOString();
    const body = { schema: 'holdfast/1', session_id: 's-20261121-00000001', name: 'many', created_at: at };
    const saved = await store().save(
      'many',
      { body: { ...body, message_count: 0, read_cache: Object.fromEntries(entries) }, history: [] } as never,
      undefined,
    );
    assert.equal(saved.kind, 'saved', JSON.stringify(saved));
    const parts = makeParts();
    try {
      const [place] = parts.places.all();
      assert.ok(place);
      const session = await loadSession(place, 'many', {
        settings: parts.settings,
        log: parts.log,
        mayWrite: () => true,
        driver: { kind: 'me', held: undefined },
      });
      await parts.active.activate(session);
      const stale = (): number => session.report?.files.filter(isStale).length ?? 0;
      let reports = 0;
      let complete = 0;
      parts.active.onDidUpdate(() => {
        reports += 1;
        if (stale() === FILES) complete ||= performance.now();
      });
      // A watcher is not live in its first moments.
      let tries = 0;
      await until(() => {
        if (tries++ % 50 === 0) write(names[0] ?? '', `// ${tries}\n`);
        return stale() === 1;
      }, 'the watcher is live');
      git('checkout', '-q', '.');
      await until(() => stale() === 0, 'fresh again');
      const before = performance.now();
      await session.recheck();
      const took = performance.now() - before;
      reports = 0;
      const started = performance.now();
      git('checkout', '-q', 'two');
      const ended = performance.now();
      await until(() => complete > 0, 'the whole report');
      say(
        `checkout ${Math.round(ended - started)} ms; the report is whole ${Math.round(complete - ended)} ms after its end, ${reports} reports; a check of unchanged files takes ${Math.round(took)} ms`,
      );
      const calm = reports;
      await session.recheck();
      await session.recheck();
      assert.equal(reports, calm, 'a report that says the same tells nobody');
    } finally {
      await parts.dispose();
    }
  });
});
