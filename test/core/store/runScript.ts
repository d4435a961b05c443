import { spawn } from 'node:child_process';
import path from 'node:path';

/** Runs a script of this folder in a process of its own, for less than a minute; gives what it printed, a JSON document. */
export function run<T>(script: string, ...args: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // One that hangs in a call of the system would outlive the tests.
    timeout: 55_000,
    killSignal: 'SIGKILL',
  });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(errors))));
  });
}
