import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createGuard, createReadCache, type Guard } from '../../src/core/index.ts';

/** A guarded edit beside what any careful write must do: read, SHA-256, temporary file, fsync, rename. */
export const bench = {
  title: 'Guarded edit',
  async run(scale: { full: boolean }): Promise<{ head: string[]; rows: string[][] }> {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-guard-')));
    try {
      const rows: string[][] = [];
      for (const kb of scale.full ? [1, 100, 1000, 10_000] : [100])
        rows.push(await measure(folder, kb, scale.full ? 60 : 20));
      return { head: ['file', 'read + sha256 + temp + fsync + rename, ms', 'guarded edit, ms', 'ratio'], rows };
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string, kb: number, rounds: number): Promise<string[]> {
  const text = `edit: 000000\n${'const answer = 42; // the same line again\n'.repeat(kb * 24)}`;
  const plain = path.join(folder, 'plain.ts');
  fs.writeFileSync(plain, text);
  fs.writeFileSync(path.join(folder, 'guarded.ts'), text);
  const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now });
  await guard.read('guarded.ts');
  const times = { plain: [] as number[], guarded: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    let from = performance.now();
    await editPlainly(plain, mark(round), mark(round + 1));
    times.plain.push(performance.now() - from);
    from = performance.now();
    await editGuarded(guard, mark(round), mark(round + 1));
    times.guarded.push(performance.now() - from);
  }
  const base = median(times.plain);
  const ours = median(times.guarded);
  return [`${kb} KB`, base.toFixed(2), ours.toFixed(2), (ours / base).toFixed(2)];
}

function mark(round: number): string {
  return `edit: ${String(round).padStart(6, '0')}`;
}

async function editPlainly(file: string, old: string, to: string): Promise<void> {
  const bytes = await fs.promises.readFile(file);
  crypto.hash('sha256', bytes);
  const content = Buffer.from(String(bytes).replace(old, to));
  const handle = await fs.promises.open(`${file}.tmp`, 'w');
  await handle.writeFile(content);
  await handle.sync();
  await handle.close();
  await fs.promises.rename(`${file}.tmp`, file);
}

async function editGuarded(guard: Guard, old: string, to: string): Promise<void> {
  const outcome = await guard.edit('guarded.ts', { old, new: to });
  if (outcome.kind !== 'written') throw new Error(outcome.kind);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
