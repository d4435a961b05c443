import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { swapSync } from 'fs-native-extensions';
import { createGuard, createReadCache } from '../../src/core/index.ts';
import { DESTROYED, type Done } from './race.ts';

/** One writer of `race.ts`: a session with a guard, or a program that knows nothing of it and goes on until stopped. */
const [, , role = '', folder = '', name = '', count = '0'] = process.argv;
const file = path.join(folder, 'log.txt');
const started = performance.now();
let conflicts = 0;
let slippedIn = 0;
let stopped = false;
process.on('message', () => {
  stopped = true;
});

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

/** Opens first and writes later, as a shell's `>>` of a slow command does; now and then after seconds. */
async function appendSlowly(line: string): Promise<void> {
  const fd = fs.openSync(file, 'a');
  await sleep(Math.random() < 0.01 ? 2000 : Math.random() * 20);
  fs.writeSync(fd, `${line}\n`);
  fs.closeSync(fd);
}

/**
 * Reads, writes a temporary file and renames it, if nobody has replaced the file meanwhile. The rename is an exchange,
 * which is the same to everybody else and shows this bench what it displaces.
 */
async function saveAtomically(line: string): Promise<void> {
  const temporary = path.join(folder, `.${name}.tmp`);
  for (;;) {
    const fd = fs.openSync(file, 'r');
    const { ino } = fs.fstatSync(fd);
    const read = fs.readFileSync(fd, 'utf8');
    fs.closeSync(fd);
    fs.writeFileSync(temporary, `${read}${line}\n`);
    if (fs.statSync(file).ino !== ino) continue;
    swapSync(file, temporary);
    const displaced = `${temporary}.${line}`;
    fs.renameSync(temporary, displaced);
    auditing.push(audit(displaced, read));
    return;
  }
}

const auditing: Promise<void>[] = [];

/** What a program that still had the displaced version open wrote into it is destroyed as well. */
async function audit(displaced: string, read: string): Promise<void> {
  await sleep(2500);
  const was = fs.readFileSync(displaced, 'utf8');
  fs.rmSync(displaced);
  if (was === read) return;
  const known = new Set(read.split('\n'));
  const lines = was.split('\n').filter((line) => !known.has(line));
  fs.appendFileSync(path.join(folder, DESTROYED), `${lines.join('\n')}\n`);
}

async function add(line: string): Promise<void> {
  switch (role) {
    case 'session':
      return addByGuard(line);
    case 'append':
      fs.appendFileSync(file, `${line}\n`);
      break;
    case 'append-slowly':
      await appendSlowly(line);
      break;
    case 'save':
      await saveAtomically(line);
      break;
    default:
      throw new Error(role);
  }
  await sleep(Math.random() * 40);
}

const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now });
let lines = 0;
while (role === 'session' ? lines < Number(count) : !stopped) await add(`${name}${lines++}`);
await Promise.all(auditing);
process.send?.({ lines, conflicts, slippedIn, ms: performance.now() - started } satisfies Done);
if (role === 'session') {
  // The later looks at what was displaced are still to come, and others write on.
  while (!stopped) await sleep(50);
  await sleep(5500);
}
process.disconnect();
