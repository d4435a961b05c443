import fs from 'node:fs';
import path from 'node:path';
import { storeIn } from './harness.ts';

/** Opens once and prints time, longest pause of the event loop and peak memory: `<how> <folder>`. */
const [how, folder = ''] = process.argv.slice(2);
let [stall, last, done] = [0, performance.now(), false];
const tick = () => {
  const now = performance.now();
  stall = Math.max(stall, now - last);
  last = now;
  if (!done) setImmediate(tick);
};
const store = storeIn(folder);
await new Promise((resolve) => setTimeout(resolve, 50));
last = performance.now();
setImmediate(tick);
const from = performance.now();
if (how === 'holdfast') {
  const opened = await store.open('a');
  if (opened.kind !== 'open') throw new Error(opened.kind);
  const { document } = opened;
  const page = await document.messages(document.messageCount - 200, document.messageCount);
  if (page.length !== 200) throw new Error(`${page.length} messages`);
  await document.close();
} else {
  const { history } = JSON.parse(fs.readFileSync(path.join(folder, '.sessions/a.json'), 'utf8'));
  if (history.slice(-200).length !== 200) throw new Error('not all');
}
const ms = performance.now() - from;
await new Promise((resolve) => setImmediate(resolve));
done = true;
process.stdout.write(JSON.stringify({ ms, stall, peak: process.resourceUsage().maxRSS / 1024 }));
