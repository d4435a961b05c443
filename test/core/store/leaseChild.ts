import { randomBytes } from 'node:crypto';
import { openStore } from '../../../src/core/index.ts';

/**
 * A process that takes the lease of session `s-1` and keeps it until its input ends: `<folder> <beat ms> <stale ms>
 * <take over?>`. Prints a JSON line for what the taking gave, and one when it is lost.
 */
const [folder = '', beat = '', stale = '', takeOver = ''] = process.argv.slice(2);
const store = openStore({
  folder,
  now: Date.now,
  random: () => randomBytes(8).toString('hex'),
  leasePeriods: { beat: Number(beat), stale: Number(stale) },
});
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
const outcome = await store.takeLease('s-1', {
  program: `child ${process.pid}`,
  takeOver: takeOver === 'true',
  onLost: (by) => say({ lost: by ?? null }),
});
say(outcome.kind === 'taken' ? { kind: 'taken', holder: outcome.lease.holder } : outcome);
process.stdin.on('end', async () => {
  await store.close();
  process.exit(0);
});
process.stdin.resume();
