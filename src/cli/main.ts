import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
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
