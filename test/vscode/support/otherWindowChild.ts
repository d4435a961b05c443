import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { type Lease, openStore, type SessionStore } from '../../../src/core/index.ts';

/**
 * Another window, as far as the disk can tell: a process of its own that drives sessions by the core. Reads a command
 * per line, `{ "id": 1, "method": "append", "args": [...] }`, answers with what the store says, and tells of a lost lease.
 */
const [folder = ''] = process.argv.slice(2);
const store = openStore({
  folder,
  now: Date.now,
  random: () => randomBytes(8).toString('hex'),
  // It learns of a loss at its next beat.
  leasePeriods: { beat: 100, stale: 30_000 },
});
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
let lease: Lease | undefined;

type Method = 'append' | 'rename' | 'delete' | 'fold';

for await (const line of createInterface(process.stdin)) {
  const { id, method, args } = JSON.parse(line) as { id: number; method: 'take' | 'release' | Method; args: unknown[] };
  say({ id, answer: (await run(method, args)) ?? null });
}
await store.close();

async function run(method: 'take' | 'release' | Method, args: readonly unknown[]): Promise<unknown> {
  switch (method) {
    case 'take': {
      const outcome = await store.takeLease(String(args[0]), {
        program: 'VS Code',
        takeOver: args[1] === true,
        onLost: (by) => say({ lost: by ?? null }),
      });
      if (outcome.kind !== 'taken') return outcome;
      lease = outcome.lease;
      return { kind: 'taken', holder: lease.holder };
    }
    case 'release':
      return lease?.release();
    default:
      return (store[method] as (...all: readonly unknown[]) => Promise<unknown>)(...args);
  }
}

export type OtherStore = Pick<SessionStore, Method>;
