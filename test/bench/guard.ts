import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createBases, createGuard, createReadCache, type Guard } from '../../src/core/index.ts';
import { type Bench, digits, inFolder, interleaved } from './harness.ts';

/** A guarded edit beside what any careful write must do: read, SHA-256, temporary file, fsync, rename. */
export const bench: Bench = {
  title: 'Guarded edit',
  async run({ full }) {
    const rows: string[][] = [];
    for (const kb of full ? [1, 100, 1000, 10_000] : [100]) {
      rows.push(await inFolder((folder) => measure(folder, kb, full ? 60 : 20)));
    }
    const head = ['file', 'read + sha256 + temp + fsync + rename, ms', 'guarded edit, ms', 'ratio'];
    return { head: [...head, 'keeping bases for merges, ms', 'ratio'], rows };
  },
};

async function measure(folder: string, kb: number, rounds: number): Promise<string[]> {
  const text = `edit: 000000\n${'const answer = 42; // the same line again\n'.repeat(kb * 24)}`;
  const plain = path.join(folder, 'plain.ts');
  fs.writeFileSync(plain, text);
  const bare = await guardOf(folder, 'bare.ts', text, false);
  const keeping = await guardOf(folder, 'keeping.ts', text, true);
  const round = { plain: 0, bare: 0, keeping: 0 };
  const medians = await interleaved(
    new Map<string, () => unknown>([
      ['plain', () => editPlainly(plain, mark(round.plain), mark(++round.plain))],
      ['bare', () => editGuarded(bare, 'bare.ts', mark(round.bare), mark(++round.bare))],
      ['keeping', () => editGuarded(keeping, 'keeping.ts', mark(round.keeping), mark(++round.keeping))],
    ]),
    rounds,
  );
  bare.close();
  keeping.close();
  const [base = Number.NaN, ...ours] = medians.values();
  return [`${kb} KB`, digits(base), ...ours.flatMap((ms) => [digits(ms), digits(ms / base)])];
}

async function guardOf(folder: string, name: string, text: string, keeps: boolean): Promise<Guard> {
  fs.writeFileSync(path.join(folder, name), text);
  const sessionsFolder = path.join(folder, '.sessions');
  const guard = createGuard({
    folder,
    sessionsFolder,
    cache: createReadCache(folder),
    now: Date.now,
    ...(keeps ? { bases: createBases({ sessionsFolder }) } : {}),
  });
  await guard.read(name);
  return guard;
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

async function editGuarded(guard: Guard, name: string, old: string, to: string): Promise<void> {
  const outcome = await guard.edit(name, { old, new: to });
  if (outcome.kind !== 'written') throw new Error(outcome.kind);
}
