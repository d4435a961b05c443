import { spawn } from 'node:child_process';
import path from 'node:path';
import type { LeaseHolder } from '../../../src/core/index.ts';

/** What a `leaseChild.ts` says. */
interface Said {
  readonly kind?: string;
  readonly holder?: LeaseHolder;
  readonly lost?: LeaseHolder | null;
}

/** A process of its own that takes a lease. Whoever starts it ends it. */
export interface Child {
  readonly said: readonly Said[];
  signal(signal: NodeJS.Signals): void;
  /** Lets it close its store and go. */
  end(): Promise<void>;
  kill(): Promise<void>;
}

export function startChild(...args: readonly string[]): Child {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'leaseChild.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said: Said[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) said.push(JSON.parse(line));
  });
  const gone = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    said,
    signal: (signal) => child.kill(signal),
    end: () => {
      child.stdin.end();
      return gone;
    },
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}
