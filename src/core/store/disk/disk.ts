import fs from 'node:fs';

/**
 * Calls that touch a name or a few KiB are made in place: the system answers them in microseconds, while a trip
 * through the thread pool costs a multiple of that and a save makes dozens. Whatever may take long (syncs, replacing a
 * file, reading or writing more than `SMALL`) goes through the pool. All report errors as rejections.
 */
const SMALL = 64 << 10;

/** An open file. Whoever opens it closes it. */
export interface DataFile {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  /** Without a position at the file's own, which moves on. */
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position?: number,
  ): Promise<{ readonly bytesWritten: number }>;
  stat(): Promise<fs.BigIntStats>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

type Done<T> = (error: NodeJS.ErrnoException | null, result?: T) => void;

function pooled<T>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

/** Something else than a file has a file's place: a pipe, a device, a link where none is followed. */
export class NotAFile extends Error {
  readonly code = 'ELOOP';
  readonly path: string;
  constructor(path: string) {
    super(`${path} is not a file`);
    this.path = path;
  }
}

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** Opens a file, or a folder to be synced. A pipe, which would be waited for, is refused (ELOOP), and so is a device. */
export async function open(path: string, flags: string | number, mode?: number): Promise<DataFile> {
  const bits = flags === 'r' ? O_RDONLY : flags;
  const fd = fs.openSync(path, typeof bits === 'number' ? bits | O_NONBLOCK : bits, mode);
  const stat = fs.fstatSync(fd);
  if (!stat.isFile() && !stat.isDirectory()) {
    fs.closeSync(fd);
    throw new NotAFile(path);
  }
  return {
    read: async (buffer, offset, length, position) => {
      if (length <= SMALL) return { bytesRead: fs.readSync(fd, buffer, offset, length, position) };
      return { bytesRead: await pooled<number>((done) => fs.read(fd, buffer, offset, length, position, done)) };
    },
    write: async (bytes, offset, length, position) => {
      const at = position ?? null;
      if (length <= SMALL) return { bytesWritten: fs.writeSync(fd, bytes, offset, length, at) };
      return { bytesWritten: await pooled<number>((done) => fs.write(fd, bytes, offset, length, at, done)) };
    },
    stat: async () => fs.fstatSync(fd, { bigint: true }),
    truncate: async (length) => fs.ftruncateSync(fd, length),
    sync: () => pooled((done) => fs.fsync(fd, done)),
    datasync: () => pooled((done) => fs.fdatasync(fd, done)),
    // The last close of a file that was replaced frees its blocks.
    close: () => pooled((done) => fs.close(fd, done)),
  };
}

/** Undefined where nothing has this name. A link is not followed. */
export async function lstat(path: string): Promise<fs.Stats | undefined> {
  return fs.lstatSync(path, { throwIfNoEntry: false });
}

export async function exists(path: string): Promise<boolean> {
  return (await lstat(path)) !== undefined;
}

/** The number of the file that has this name now; undefined where none has it. */
export async function inodeOf(path: string): Promise<bigint | undefined> {
  return fs.lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

export async function link(from: string, to: string): Promise<void> {
  fs.linkSync(from, to);
}

export async function unlink(path: string): Promise<void> {
  fs.unlinkSync(path);
}

/** Gives a file a name that nothing has; replacing another file is `replace`. */
export async function rename(from: string, to: string): Promise<void> {
  fs.renameSync(from, to);
}

/** Takes longer than a plain rename: file systems flush what replaces a file. */
export function replace(from: string, to: string): Promise<void> {
  return pooled((done) => fs.rename(from, to, done));
}

export async function makeFolder(path: string): Promise<void> {
  fs.mkdirSync(path, { recursive: true, mode: 0o700 });
}

export async function realPath(path: string): Promise<string> {
  return fs.realpathSync.native(path);
}

/** Creates a small file, whole or not at all; fails where it is there. */
export async function create(path: string, text: string): Promise<void> {
  const fd = fs.openSync(path, 'wx', 0o600);
  try {
    fs.writeFileSync(fd, text);
  } catch (error) {
    // A full disk takes a name, but no content: an empty lock would hold everybody up, an empty .gitignore ignore nothing.
    fs.unlinkSync(path);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** The first `maxBytes` of a file, at once; of a link, or of what is no file, nothing (ELOOP). */
export function readStart(path: string, maxBytes: number): Buffer {
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!fs.fstatSync(fd).isFile()) throw new NotAFile(path);
    const bytes = Buffer.alloc(maxBytes);
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, maxBytes, 0));
  } finally {
    fs.closeSync(fd);
  }
}
