// @ts-check
// Set-up that must happen once, however many processes ask for it at the same time.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A stamp that changes whenever one of the files does.
 * @param {string[]} files */
export function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(file));
  return hash.digest('hex');
}

/** @param {string} lock */
function ownerIsGone(lock) {
  try {
    process.kill(Number(fs.readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    // ENOENT: it was released this moment; EPERM: it runs under another user.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code !== 'ENOENT' && code !== 'EPERM';
  }
}

/**
 * Runs `setUp` unless `dir` already carries this stamp. Other processes wait until it is done; the lock
 * of one that was killed is taken over. The stamp comes last, so that a half-done set-up is done again, and lies in
 * node_modules, so that it goes when they go.
 * @param {{ dir: string, stamp: string, setUp: () => void | Promise<void> }} work
 */
export async function once({ dir, stamp, setUp }) {
  const mark = path.join(dir, 'node_modules/.holdfast-ready');
  const done = () => fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === stamp;
  if (done()) return;
  const lock = path.join(dir, '.setup-lock');
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (ownerIsGone(lock)) fs.rmSync(lock, { force: true });
    else await wait(200);
  }
  const release = () => fs.rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    if (!done()) {
      fs.rmSync(mark, { force: true });
      await setUp();
      fs.writeFileSync(mark, stamp);
    }
  } finally {
    process.off('exit', release);
    release();
  }
}
