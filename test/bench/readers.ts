import fs from 'node:fs';
import path from 'node:path';
import { type Bench, digits, inFolder, interleaved, ratioRows, storeIn, timed, withStalls } from './harness.ts';

/** Which sessions have read a file: 1,000 sessions that read 100 files each, asked without, with and by a known index. */
export const bench: Bench = {
  title: 'Which sessions read a file (100 files each)',
  async run({ full }) {
    const rows: string[][] = [];
    for (const sessions of full ? [1000, 5000] : [1000]) {
      rows.push(...(await inFolder((folder) => measure(folder, sessions))));
    }
    return { head: ['sessions', 'how', 'ms', 'x readdir + stat'], rows };
  },
};

const FILES = 100;

function fill(root: string, sessions: number): void {
  fs.mkdirSync(root, { recursive: true });
  for (let n = 0; n < sessions; n++) {
    const entries = Array.from({ length: FILES }, (_, file) => {
      // The first is in every session, the others in a few.
      const key = file === 0 ? 'src/everywhere.ts' : `src/folder-${n % 50}/module-${(n * 7 + file) % 2000}.ts`;
      const stamp = { file_mtime_ms: 1.7e12 + n, file_size_bytes: 4000 + file, sha256: 'ab'.repeat(32), message: file };
      return [key, { ...stamp, mtime_ns: '1700000000000000000', ino: '1234567', seen_at: '2026-11-20T10:00:00.000Z' }];
    });
    const head = { schema: 'holdfast/1', session_id: `s-${n}`, created_at: '2026-11-20T10:00:00.000Z' };
    const fields = Object.entries({ ...head, read_cache: Object.fromEntries(entries) });
    const text = fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},\n`).join('');
    fs.writeFileSync(path.join(root, `n${n}.json`), `{\n${text}"history":[\n]}\n`);
  }
}

async function measure(folder: string, sessions: number): Promise<string[][]> {
  const root = path.join(folder, '.sessions');
  fill(root, sessions);
  const first = storeIn(folder);
  const build = await withStalls(() => timed(() => first.readers('src/everywhere.ts')));
  await first.close();
  const warm = storeIn(folder);
  await warm.readers('src/everywhere.ts');
  const variants = new Map<string, () => unknown>([
    [
      'readdir + stat',
      () => {
        for (const name of fs.readdirSync(root)) fs.statSync(path.join(root, name));
      },
    ],
    ['holdfast: again, a file that all have read', () => warm.readers('src/everywhere.ts')],
    ['holdfast: again, a file that none has read', () => warm.readers('src/nowhere.ts')],
    ['holdfast: a new process, by the index', () => storeIn(folder).readers('src/nowhere.ts')],
  ]);
  const { result: medians, stall } = await withStalls(() => interleaved(variants, 9));
  await warm.close();
  const size = fs.statSync(path.join(root, '.cache', 'readers.jsonl')).size;
  const stalls = `longest stall ${digits(build.stall)} ms, of the others ${digits(stall)} ms`;
  return [
    ...ratioRows(medians),
    [`holdfast: the index of ${digits(size / 1e6)} MB built (${stalls})`, digits(build.result), ''],
  ].map((row) => [`${sessions}`, ...row]);
}
