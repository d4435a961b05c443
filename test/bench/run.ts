import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench, Table } from './harness.ts';

/**
 * Runs the benchmarks of this folder one after another: `npm run bench [-- --full] [names...]`. A full run of all of
 * them writes RESULTS.md.
 */
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const full = process.argv.includes('--full');
const folder = import.meta.dirname;

function isBench(value: unknown): value is Bench {
  return typeof value === 'object' && value !== null && 'title' in value && 'run' in value;
}

function markdown(title: string, { head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return `## ${title}\n\n${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`;
}

/** Load of the last minute. The run itself keeps one or two processors busy; before it, all load is somebody else's. */
const load = () => (os.loadavg()[0] ?? 0).toFixed(1);

const before = load();
const texts: string[] = [];
for (const file of fs.readdirSync(folder).sort()) {
  const name = path.basename(file, '.ts');
  if (['run', 'harness'].includes(name) || !file.endsWith('.ts') || /[cC]hild$/.test(name)) continue;
  if (names.length > 0 && !names.includes(name)) continue;
  const { bench } = await import(path.join(folder, file));
  if (!isBench(bench)) continue;
  const text = markdown(bench.title, await bench.run({ full }));
  texts.push(text);
  console.log(text);
}
if (full && names.length === 0) {
  const machine = `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()} ${os.release()}, Node ${process.version}`;
  const busy = `Load average ${before} before the run, ${load()} after it.`;
  const intro = `# Results\n\n${machine}. ${busy}\nVariants of a table ran in turn in one process; figures are medians. Read the ratios, not the milliseconds.\n\n`;
  fs.writeFileSync(path.join(folder, 'RESULTS.md'), `${intro}${texts.join('\n')}`);
}
