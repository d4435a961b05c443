import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGuard, createReadCache } from '../../src/core/index.ts';
import type { Done } from './race.ts';

/** One writer of `race.ts`: a session with a guard, or a program that knows nothing of it. */
const [, , role = '', folder = '', name = '', count = '0'] = process.argv;
const file = path.join(folder, 'log.txt');
const started = performance.now();
let conflicts = 0;
let slippedIn = 0;

async function addByGuard(line: string): Promise<void> {
  for (;;) {
    const seen = await guard.read('log.txt');
    // There is no moment without the file.
    if (seen.kind !== 'read') throw new Error(seen.kind);
    const outcome = await guard.write('log.txt', Buffer.concat([seen.bytes, Buffer.from(`${line}\n`)]));
    if (outcome.kind === 'written') return;
    if (outcome.kind !== 'conflict') throw new Error(JSON.stringify(outcome));
    conflicts++;
    if (outcome.reason === 'slipped-in') slippedIn++;
    if (Math.random() < 0.5) await sleep(Math.random());
  }
}

async function addAsOthersDo(line: string): Promise<void> {
  switch (role) {
    case 'append':
      fs.appendFileSync(file, `${line}\n`);
      break;
    case 'append-slowly': {
      // Opens first and writes later, as a shell's `>>` of a slow command does.
      const fd = fs.openSync(file, 'a');
      await sleep(Math.random());
      fs.writeSync(fd, `${line}\n`);
      fs.closeSync(fd);
      break;
    }
    default:
      throw new Error(role);
  }
  await sleep(Math.random() * 2.5);
}

const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now });
for (let n = 0; n < Number(count); n++) {
  if (role === 'session') await addByGuard(`${name}${n}`);
  else await addAsOthersDo(`${name}${n}`);
}
process.send?.({ conflicts, slippedIn, ms: performance.now() - started } satisfies Done);
