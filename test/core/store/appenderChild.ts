import { randomBytes } from 'node:crypto';
import { openStore } from '../../../src/core/index.ts';

/** A process that writes to one session: `<folder> <tag> <messages>`; prints the ids that were acknowledged, and told conflicts. */
const [folder = '', tag = '', count = '0'] = process.argv.slice(2);
const store = openStore({ folder, now: () => Date.now(), random: () => randomBytes(8).toString('hex') });
const acknowledged: string[] = [];
let [conflicts, saves] = [0, 0];
for (let n = 0; n < Number(count); n++) {
  const id = `${tag}${n}`;
  const message = { id, role: 'user' as const, content: 'x'.repeat(n * 10) };
  const outcome = await store.append('a', [{ type: 'message', message }]);
  if (outcome.kind === 'appended') acknowledged.push(id);
  if (n % 7 === 3) await store.fold('a');
  if (n % 5 === 4) {
    const result = await store.load('a');
    if (result.kind !== 'loaded') throw new Error(result.kind);
    const saved = await store.save('a', result.session, result.session.body.revision);
    if (saved.kind === 'conflict') conflicts += 1;
    else if (saved.kind === 'saved') saves += 1;
    else throw new Error(JSON.stringify(saved));
  }
}
await store.close();
process.stdout.write(JSON.stringify({ acknowledged, conflicts, saves }));
