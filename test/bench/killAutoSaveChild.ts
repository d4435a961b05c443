import fs from 'node:fs';
import { sampleMessage, storeIn } from './harness.ts';

/** Saves for ever and prints every acknowledged id: `<folder>`. Every 10th message is 200 KB, every 15th time it folds. */
const store = storeIn(process.argv[2] ?? '');
for (let n = 1000; ; n++) {
  const message = sampleMessage(n, n % 10 === 0 ? 200_000 : 900);
  const outcome = await store.append('a', [{ type: 'message', message }]);
  if (outcome.kind !== 'appended') throw new Error(outcome.kind);
  fs.writeSync(1, `${message.id}\n`);
  if (n % 15 === 0) await store.fold('a');
}
