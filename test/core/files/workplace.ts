import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createGuard, type GuardOptions } from '../../../src/core/files/guard/guard.ts';
import type { Guard } from '../../../src/core/files/guard/guardTypes.ts';
import { createReadCache, type ReadCache } from '../../../src/core/files/readCache.ts';
import type { Steps } from '../../../src/core/files/replace/replacement.ts';

const made: string[] = [];

/** A new empty folder, by its real path; removed by `removeFolders`. */
export function makeFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-files-')));
  made.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

export interface Workplace {
  readonly folder: string;
  readonly cache: ReadCache;
  readonly guard: Guard;
  at(name: string): string;
  put(name: string, content: string | Uint8Array): string;
  text(name: string): string;
  /** Paths below the folder, without the sessions' folder. */
  files(): readonly string[];
  /** Contents of the files that were displaced and kept. */
  displaced(): readonly string[];
}

export function makeWorkplace(options: Partial<GuardOptions> = {}, steps: Steps = {}): Workplace {
  const folder = makeFolder();
  const cache = options.cache ?? createReadCache(folder);
  const guard = createGuard({ folder, sessionsFolder: '.sessions', cache, now: Date.now, ...options }, steps);
  const at = (name: string): string => path.join(folder, name);
  return {
    folder,
    cache,
    guard,
    at,
    put(name, content) {
      fs.mkdirSync(path.dirname(at(name)), { recursive: true });
      fs.writeFileSync(at(name), content);
      return at(name);
    },
    text: (name) => fs.readFileSync(at(name), 'utf8'),
    files: () =>
      fs
        .readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => !name.startsWith('.sessions') && fs.lstatSync(at(name)).isFile())
        .sort(),
    displaced() {
      const kept = at('.sessions/displaced');
      if (!fs.existsSync(kept)) return [];
      // `.done` are versions that the session had seen, lingering for slow writers.
      const names = fs.readdirSync(kept).filter((name) => !name.endsWith('.done'));
      return names.map((name) => fs.readFileSync(path.join(kept, name), 'utf8'));
    },
  };
}

/** Waits until the disk's clock has passed the grain within which stamps are racy. */
export async function passGrain(folder: string): Promise<void> {
  const probe = path.join(folder, '..', `${path.basename(folder)}.clock`);
  fs.writeFileSync(probe, '');
  const start = fs.statSync(probe).mtimeMs;
  try {
    while (fs.statSync(probe).mtimeMs - start < 25) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      fs.writeFileSync(probe, '.');
    }
  } finally {
    fs.rmSync(probe);
  }
}
