import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hookIo, writeLog } from './hookIo.ts';
import { runHook, type SeenBefore } from './runHook.ts';

/** A payload holds at most a file before and after an edit; more is not read, and the agent goes on. */
const MAX_BYTES = 64 * 1024 * 1024;
/** An agent waits no longer for its hooks. */
const WAIT_MS = 10_000;

// Whatever happens, the agent goes on: a hook that fails would stop the work of somebody who asked for protection.
try {
  const io = hookIo({
    cwd: workingFolder(),
    home: os.homedir(),
    env: process.env,
    input: readInput(),
    cli: beside('holdfast.cjs'),
    loadSeenBefore: async () => {
      const rooms = beside('rooms.cjs');
      return rooms === undefined ? undefined : (require(rooms) as { readonly seenBefore: SeenBefore }).seenBefore;
    },
  });
  runHook(process.argv.slice(2), io).then(print).catch(complain);
} catch (error) {
  complain(error);
}

function print(text: string): void {
  if (text !== '') fs.writeSync(1, text);
}

/** Nothing on stderr: Gemini CLI takes that for an answer. */
function complain(error: unknown): void {
  writeLog(os.homedir(), error instanceof Error ? error.message : String(error));
}

/** One that was removed since has no name any more; payloads name their own. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return os.homedir();
  }
}

function beside(name: string): string | undefined {
  const file = path.join(__dirname, name);
  return fs.existsSync(file) ? file : undefined;
}

/** Without a stream: it is all there, or comes in a moment. */
function readInput(): string {
  const pieces: Buffer[] = [];
  const piece = Buffer.allocUnsafe(64 * 1024);
  const until = performance.now() + WAIT_MS;
  for (let size = 0; size <= MAX_BYTES; ) {
    let got: number;
    try {
      got = fs.readSync(0, piece);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A pipe that does not wait: the agent is still writing.
      if (code === 'EAGAIN' && performance.now() < until)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
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
