import * as fs from 'node:fs';

/*
 * A program that has a file mapped into its memory changes it by plain stores. The kernel sees the first store into a
 * page that is clean, and then sets the file's times; what is stored into a page that is dirty already changes no time
 * at all (PERF 4b) until the page has been written back, which write-protects it again. So equal times prove equal
 * bytes only where no page of the file can have been dirty when it was read.
 */

/** Twice what Linux takes by default: pages are written back 30 s after the first store, looked for every 5 s. */
const LEAST_REST_MS = 60_000;

let restMs: number | undefined;

/**
 * How long a file's times must be past when it is read, ms, so that no page of it is dirty: twice the time after
 * which this machine's kernel writes back (a laptop's may be minutes), a minute at least. A disk that is more than
 * that behind with its writing is not allowed for.
 */
export function timeToRest(): number {
  restMs ??= Math.max(LEAST_REST_MS, 2 * (centiseconds('dirty_expire') + centiseconds('dirty_writeback')));
  return restMs;
}

/** Infinity where the kernel never writes back by itself. */
function centiseconds(name: string): number {
  if (process.platform !== 'linux') return 0;
  try {
    const value = Number(fs.readFileSync(`/proc/sys/vm/${name}_centisecs`, 'utf8'));
    return value > 0 ? value * 10 : Number.POSITIVE_INFINITY;
  } catch (error) {
    // A container without /proc: the defaults hold.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return 0;
  }
}

/**
 * File systems of Linux (`statfs`) that write-protect the pages they have written back. Not among them: tmpfs, which
 * writes nothing back; overlays, which may lie on one; FUSE and networks, where others store; ZFS, which keeps pages
 * of its own. What macOS and Windows do is not documented.
 */
const PROTECTING: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
]);

/**
 * Whether the file system of a path (on the device `dev`) changes a file's times for every store into a page that was
 * clean. The system is asked once per device; what is not known is `false`.
 */
export function createStoreCheck(): (path: string, dev: bigint) => boolean {
  const known = new Map<bigint, boolean>();
  let last: { readonly dev: bigint; readonly shows: boolean } | undefined;
  return (path, dev) => {
    // Most files of a folder lie on one device: a comparison instead of a look into the map.
    if (last?.dev === dev) return last.shows;
    let shows = known.get(dev);
    if (shows === undefined) {
      shows = process.platform === 'linux' && PROTECTING.has(typeOf(path));
      known.set(dev, shows);
    }
    last = { dev, shows };
    return shows;
  };
}

function typeOf(path: string): number {
  try {
    return fs.statfsSync(path).type;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return 0;
  }
}
