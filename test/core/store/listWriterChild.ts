import { randomBytes } from 'node:crypto';
import { openStore } from '../../../src/core/index.ts';

/** A process that makes, renames, deletes, forks and lists sessions: `<folder> <tag> <rounds>`; prints the names that it has left. */
const [folder = '', tag = '', rounds = '0'] = process.argv.slice(2);
const store = openStore({ folder, now: Date.now, random: () => randomBytes(8).toString('hex') });
const left: string[] = [];
const sure = (outcome: { readonly kind: string }, kind: string) => {
  if (outcome.kind !== kind) throw new Error(JSON.stringify(outcome));
};
for (let n = 0; n < Number(rounds); n++) {
  const name = `${tag}${n}`;
  const body = { session_id: `s-${name}`, created_at: '2026-11-20T10:00:00.000Z', title: name };
  sure(await store.save(name, { body, history: [{ id: 'm1', role: 'user', content: 'x' }] }, undefined), 'saved');
  switch (n % 4) {
    case 0:
      left.push(name);
      break;
    case 1:
      sure(await store.rename(name, `${name} renamed`), 'done');
      left.push(`${name} renamed`);
      break;
    case 2:
      sure(await store.delete(name), 'deleted');
      break;
    default:
      sure(await store.fork(name, { name: `${name} fork` }), 'forked');
      left.push(name, `${name} fork`);
  }
  const names = new Set((await store.list()).map((entry) => entry.name));
  for (const each of left) if (!names.has(each)) throw new Error(`${each} is not listed`);
}
await store.close();
process.stdout.write(JSON.stringify(left));
