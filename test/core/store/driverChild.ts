import { randomBytes } from 'node:crypto';
import { openStore } from '../../../src/core/index.ts';

/**
 * A window on session `a`: asks for its lease, then appends and saves whatever the answer: `<folder> <tag> <rounds>`.
 * Prints who drives, and the ids that were acknowledged.
 */
const [folder = '', tag = '', rounds = '0'] = process.argv.slice(2);
const store = openStore({ folder, now: Date.now, random: () => randomBytes(8).toString('hex') });
const outcome = await store.takeLease('s-1', { program: `window ${tag}` });
if (outcome.kind === 'io') throw new Error(outcome.code);
const holder = outcome.kind === 'taken' ? outcome.lease.holder : outcome.holder;
const acknowledged: string[] = [];
for (let n = 0; n < Number(rounds); n++) {
  const id = `${tag}${n}`;
  const before = await store.load('a');
  if (before.kind !== 'loaded') throw new Error(before.kind);
  const appended = await store.append('a', [{ type: 'message', message: { id, role: 'user', content: id } }]);
  if (appended.kind === 'appended') acknowledged.push(id);
  const saved = await store.save('a', before.session, before.session.body.revision);
  if (saved.kind !== 'saved' && saved.kind !== 'conflict') throw new Error(JSON.stringify(saved));
}
process.stdout.write(JSON.stringify({ kind: outcome.kind, holder, acknowledged }));
await store.close();
