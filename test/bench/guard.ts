import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createGuard, createReadCache, type Guard } from '../../src/core/index.ts';
import { type Bench, digits, inFolder, interleaved } from './harness.ts';

/** A guarded edit beside what any careful write must do: read, SHA-256, temporary file, fsync, rename. */
export const bench: Bench = {
  title: 'Guarded edit',
  async run({ full }) {
    const rows: string[][] = [];
    for (const kb of full ? [1, 100, 1000, 10_000] : [100]) {
      rows.push(await inFolder((folder) => measure(folder, kb, full ? 60 : 20)));
    }
    return { head: ['file', 'read + sha256 + temp + fsync + rename, ms', 'guarded edit, ms', 'ratio'], rows };
  },
};

async function measure(folder: string, kb: number, rounds: number): Promise<string[]> {
  const text = `edit: 000000\n${'const answer = 42; // the same line again\n'.repeat(kb * 24)}`;
  const plain = path.join(folder, 'plain.ts');
  fs.writeFileSync(plain, text);
  fs.writeFileSync(path.join(folder, 'guarded.ts'), text);
  const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now });
  await guard.read('guarded.ts');
  let [byHand, guarded] = [0, 0];
  const medians = await interleaved(
    new Map<string, () => unknown>([
      ['plain', () => editPlainly(plain, mark(byHand), mark(++byHand))],
      ['guarded', () => editGuarded(guard, mark(guarded), mark(++guarded))],
    ]),
    rounds,
  );
  const [base = Number.NaN, ours = Number.NaN] = medians.values();
  return [`${kb} KB`, digits(base), digits(ours), digits(ours / base)];
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
