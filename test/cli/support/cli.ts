import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CliIo } from '../../../src/cli/io.ts';
import { runCli } from '../../../src/cli/runCli.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The one document of `--json`; throws where stdout is anything else. */
  readonly json: unknown;
}

/** A workspace folder and a home, both temporary, and the command line on them, in this process. */
export interface Place {
  readonly dir: string;
  readonly folder: string;
  readonly home: string;
  run(argv: readonly string[], options?: { readonly input?: string; readonly io?: Partial<CliIo> }): Promise<Ran>;
  write(file: string, text: string | Uint8Array): void;
  text(file: string): string;
  remove(): void;
}

export function makePlace(): Place {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-cli-')));
  const folder = path.join(dir, 'shop');
  const home = path.join(dir, 'home');
  fs.mkdirSync(folder);
  fs.mkdirSync(home);
  return {
    dir,
    folder,
    home,
    async run(argv, { input = '', io = {} } = {}) {
      const chunks: Buffer[] = [];
      let err = '';
      const code = await runCli(argv, {
        out: async (chunk) => {
          chunks.push(Buffer.from(chunk));
        },
        err: async (text) => {
          err += text;
        },
        input: async () => Buffer.from(input),
        closed: () => false,
        cwd: folder,
        home,
        env: { PATH: process.env['PATH'] },
        now: Date.now,
        random: () => randomBytes(8).toString('hex'),
        ...io,
      });
      const out = Buffer.concat(chunks).toString('utf8');
      return {
        code,
        out,
        err,
        get json() {
          return JSON.parse(out);
        },
      };
    },
    write(file, text) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), text);
    },
    text: (file) => fs.readFileSync(path.join(folder, file), 'utf8'),
    remove: () => fs.rmSync(dir, { recursive: true, force: true }),
  };
}
