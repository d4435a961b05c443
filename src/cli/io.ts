import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** Everything that a command line takes from and gives to the outside; tests pass their own. */
export interface CliIo {
  /** Resolves when the reader has taken it; drops what is written after the reader has gone (EPIPE). */
  out(chunk: string | Uint8Array): Promise<void>;
  err(text: string): Promise<void>;
  /** The whole of standard input. */
  input(): Promise<Uint8Array>;
  /** True once nobody reads the output any more: the rest need not be made. */
  readonly closed: () => boolean;
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** ms since the epoch */
  readonly now: () => number;
  /** Random hex digits, at least 16. */
  readonly random: () => string;
  /** Puts a question to the person at the terminal and gives the answer; absent where nobody sits there. */
  readonly ask?: (question: string) => Promise<string>;
  /** The folder of the programs that ship with this one. */
  readonly programs?: string;
}

/** Writes with back-pressure. A reader that leaves early (`| head`) is no error: then nothing more is written. */
export function writer(stream: Writable): { write(chunk: string | Uint8Array): Promise<void>; closed(): boolean } {
  let closed = false;
  // Every error is told to the callback of the write that met it; without a listener it would end the process.
  stream.on('error', () => {
    closed = true;
  });
  return {
    closed: () => closed,
    write: (chunk) =>
      new Promise((done, fail) => {
        if (closed) return done();
        stream.write(chunk, (error?: NodeJS.ErrnoException | null) => {
          if (!error || error.code === 'EPIPE' || error.code === 'ECONNRESET') done();
          else fail(error);
        });
      }),
  };
}

export async function readInput(stream: Readable): Promise<Uint8Array> {
  return buffer(stream);
}
