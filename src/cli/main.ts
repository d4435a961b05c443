import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { readInput, writer } from './io.ts';
import { runCli } from './runCli.ts';

const out = writer(process.stdout);
const err = writer(process.stderr);

void runCli(process.argv.slice(2), {
  out: out.write,
  err: err.write,
  input: () => readInput(process.stdin),
  closed: out.closed,
  cwd: process.cwd(),
  home: homedir(),
  env: process.env,
  now: Date.now,
  random: () => randomBytes(8).toString('hex'),
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
  ...(process.argv[1] === undefined ? {} : { programs: dirname(realpathSync(process.argv[1])) }),
}).then(
  (code) => {
    // Not process.exit: what was written must reach the reader first.
    process.exitCode = code;
  },
  () => {
    // Neither stdout nor stderr takes a word any more: the exit code is all that is left.
    process.exitCode = 1;
  },
);

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
