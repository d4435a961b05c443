import { openStore } from '../../../src/core/index.ts';

/** A process that does with a store `<folder>` what a window does first, so that another one sees whether it ever ends. */
const [folder = ''] = process.argv.slice(2);
let number = 0;
const store = openStore({ folder, now: Date.now, random: () => String(++number).padStart(16, '0') });
const listed = await store.list();
const opened = await store.open('a');
if (opened.kind === 'open') await opened.document.close();
const readers = await store.readers('x.ts');
const appended = await store.append('a', [{ type: 'message', message: { id: 'new', role: 'user', content: 'x' } }]);
const lease = await store.takeLease('s-1', { program: 'test' });
await store.close();
const kinds = [opened.kind, appended.kind, lease.kind];
process.stdout.write(JSON.stringify({ listed: listed.length, readers: readers.length, kinds }));
