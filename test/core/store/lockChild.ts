import fs from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { codeOf } from '../../../src/core/store/disk/files.ts';
import { takeLock } from '../../../src/core/store/disk/lock.ts';
import { thisMachine } from '../../../src/core/store/lease/machine.ts';

/** A process that takes one lock again and again: `<folder> <times>`; prints how often another held it as well. */
const [folder = '', times = '0'] = process.argv.slice(2);
const file = `${folder}/a.lock`;
const inside = `${folder}/inside`;
// No process has this number: Linux stops at 2^22.
const dead = JSON.stringify({ token: '0123456789abcdef', pid: 2 ** 30, machine: thisMachine() });
let overlaps = 0;
for (let n = 0; n < Number(times); n++) {
  const lock = await takeLock(file);
  try {
    fs.writeFileSync(inside, lock.token, { flag: 'wx' });
    await breathe();
    if (!(await lock.isHeld()) || fs.readFileSync(inside, 'utf8') !== lock.token) overlaps += 1;
    fs.unlinkSync(inside);
  } catch (error) {
    if (!['EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
    overlaps += 1;
  }
  // As if it died with the lock in its hands: all others find that out at once, and only one may have it.
  if (n % 4 !== 3 && (await lock.isHeld())) fs.writeFileSync(file, dead);
  await lock.release();
}
process.stdout.write(`${overlaps}`);
