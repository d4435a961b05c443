import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';

type Call = (...args: readonly unknown[]) => unknown;

const PROMISED = ['open', 'readFile', 'readdir', 'opendir'] as const;
const DIRECT = ['openSync', 'readFileSync', 'readdirSync', 'opendirSync', 'createReadStream'] as const;

/** The paths of all files and folders that are opened or listed while `work` runs, by whatever code of this process. */
export async function spyOnReads<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly paths: readonly string[] }> {
  const paths = new Set<string>();
  const undo: (() => void)[] = [];
  const watch = (owner: object, names: readonly string[]): void => {
    const functions = owner as Record<string, Call>;
    for (const name of names) {
      const real = functions[name];
      if (real === undefined) continue;
      functions[name] = (...args) => {
        if (typeof args[0] === 'string') paths.add(resolve(args[0]));
        return real.apply(owner, [...args]);
      };
      undo.push(() => {
        functions[name] = real;
      });
    }
  };
  watch(fs.promises, PROMISED);
  watch(fs, DIRECT);
  syncBuiltinESMExports();
  try {
    return { result: await work(), paths: [...paths] };
  } finally {
    for (const one of undo) one();
    syncBuiltinESMExports();
  }
}
