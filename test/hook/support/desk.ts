import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type HookIo, runHook, type SeenBefore } from '../../../src/hook/index.ts';
import type { Call } from './calls.ts';

/** A workspace and a home, both temporary, and hooks on them in this process. */
export interface Desk {
  readonly folder: string;
  readonly home: string;
  /** What the hook logged; empty where all went well. */
  readonly log: string[];
  /** The words of programs that it started. */
  readonly started: (readonly string[])[];
  /** Its answer on stdout. */
  run(call: Call, io?: Partial<HookIo>): Promise<string>;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): string;
  read(name: string): string;
  remove(): void;
}

export function makeDesk(): Desk {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-hook-')));
  const folder = path.join(dir, 'shop');
  const home = path.join(dir, 'home');
  fs.mkdirSync(path.join(folder, '.git'), { recursive: true });
  fs.mkdirSync(home);
  const log: string[] = [];
  const started: (readonly string[])[] = [];
  const at = (name: string) => path.join(folder, name);
  return {
    folder,
    home,
    log,
    started,
    run: ({ words, payload }, io = {}) =>
      runHook(words, {
        input: JSON.stringify(payload),
        cwd: folder,
        home,
        env: {},
        now: Date.now,
        random: () => '0123456789abcdef',
        loadSeenBefore: () => Promise.resolve<SeenBefore | undefined>(undefined),
        cli: undefined,
        start: async (program) => {
          started.push(program);
        },
        log: (line) => log.push(line),
        ...io,
      }),
    path: at,
    write(name, content) {
      fs.mkdirSync(path.dirname(at(name)), { recursive: true });
      fs.writeFileSync(at(name), content);
      return at(name);
    },
    read: (name) => fs.readFileSync(at(name), 'utf8'),
    remove: () => fs.rmSync(dir, { recursive: true, force: true }),
  };
}
