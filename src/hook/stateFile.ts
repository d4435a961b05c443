import fs from 'node:fs';
import path from 'node:path';

/** A disk whose files have no lasting numbers would be written to for ever. */
const TRIES = 3;
/** So long nobody takes to write a file anew. */
const ABANDONED_MS = 60_000;
/** More is not what hooks wrote. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Small enough to be one write, which the system does not mix with another one. */
export function append(file: string, text: string): void {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  const open = () => fs.openSync(file, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o600);
  for (let tries = 0; tries < TRIES; tries++) {
    let fd: number;
    try {
      fd = open();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      fd = open();
    }
    try {
      const { ino } = fs.fstatSync(fd);
      fs.writeSync(fd, text);
      // A hook beside this one may have written the file anew meanwhile: then it is written into that.
      if (fs.lstatSync(file, { throwIfNoEntry: false })?.ino === ino) return;
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** Writes a file anew from what it holds, unless another hook is just doing that, or `renewed` sees no need. */
export function replace(file: string, renewed: (old: Buffer) => string | undefined): void {
  const fresh = `${file}.new`;
  if (Date.now() - (fs.lstatSync(fresh, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > ABANDONED_MS)
    fs.rmSync(fresh, { force: true });
  let writing: number;
  try {
    writing = fs.openSync(fresh, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  let old: number | undefined;
  let renamed = false;
  try {
    old = openForReading(file);
    const before = old === undefined ? Buffer.alloc(0) : readOpen(old);
    const text = renewed(before);
    if (old === undefined || text === undefined) return;
    fs.writeFileSync(writing, text);
    // What came since is left to the next time; what comes between this look and the rename is taken over.
    if (fs.fstatSync(old).size !== before.length) return;
    fs.renameSync(fresh, file);
    renamed = true;
    const { size } = fs.fstatSync(old);
    if (size <= before.length) return;
    const tail = Buffer.alloc(size - before.length);
    fs.readSync(old, tail, 0, tail.length, before.length);
    append(file, tail.toString('utf8'));
  } finally {
    fs.closeSync(writing);
    if (old !== undefined) fs.closeSync(old);
    if (!renamed) fs.rmSync(fresh, { force: true });
  }
}

export function readIfThere(file: string): Buffer {
  const fd = openForReading(file);
  if (fd === undefined) return Buffer.alloc(0);
  try {
    return readOpen(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Neither follows a link nor waits for a pipe: the folder may have come from anywhere. */
function openForReading(file: string): number | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  try {
    return fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
    throw error;
  }
}

function readOpen(fd: number): Buffer {
  const found = fs.fstatSync(fd);
  return !found.isFile() || found.size > MAX_BYTES ? Buffer.alloc(0) : fs.readFileSync(fd);
}
