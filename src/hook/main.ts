import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hookIo } from './hookIo.ts';
import { runHook, type SeenBefore } from './runHook.ts';

/** A payload holds at most a file before and after an edit; more is not read, and the agent goes on. */
const MAX_BYTES = 64 * 1024 * 1024;

// Whatever happens, the agent goes on: a hook that fails would stop the work of somebody who asked for protection.
try {
  const io = hookIo({
    cwd: process.cwd(),
    home: os.homedir(),
    env: process.env,
    input: readInput(),
    cli: beside('holdfast.cjs'),
    loadSeenBefore: async () => {
      const rooms = beside('rooms.cjs');
      return rooms === undefined ? undefined : (require(rooms) as { readonly seenBefore: SeenBefore }).seenBefore;
    },
  });
  runHook(process.argv.slice(2), io).then(print, complain);
} catch (error) {
  complain(error);
}

function print(text: string): void {
  if (text !== '') fs.writeSync(1, text);
}

/** Agents show this to the person, or write it into their own log. */
function complain(error: unknown): void {
  fs.writeSync(2, `holdfast hook: ${error instanceof Error ? error.message : error}\n`);
}

function beside(name: string): string | undefined {
  const file = path.join(__dirname, name);
  return fs.existsSync(file) ? file : undefined;
}

/** Without a stream: it is all there, or comes in a moment. */
function readInput(): string {
  const pieces: Buffer[] = [];
  const piece = Buffer.allocUnsafe(64 * 1024);
  for (let size = 0; size <= MAX_BYTES; ) {
    let got: number;
    try {
      got = fs.readSync(0, piece);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A pipe that does not wait: the agent is still writing.
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      else if (code === 'EOF') break;
      else throw error;
      continue;
    }
    if (got === 0) break;
    pieces.push(Buffer.from(piece.subarray(0, got)));
    size += got;
  }
  return Buffer.concat(pieces).toString('utf8');
}
