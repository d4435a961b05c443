/**
 * Gives two files each other's name in one step (Linux renameat2 RENAME_EXCHANGE, macOS renamex_np RENAME_SWAP), so
 * that what stood at `path` always keeps a name. True when done; false where it can't be done, and nothing has changed:
 * file systems that don't know it, two devices, one of them gone.
 */
export type Exchange = (path: string, other: string) => boolean;

let loaded: Promise<Exchange | undefined> | undefined;

/** Undefined where there is none: on Windows, and on machines that the library is not built for. */
export function loadExchange(): Promise<Exchange | undefined> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Exchange | undefined> {
  // Elsewhere the library moves in three steps, which is worse than one rename.
  if (process.platform !== 'linux' && process.platform !== 'darwin') return undefined;
  let swap: (from: string, to: string) => void;
  try {
    // Node has no call for it.
    swap = (await import('fs-native-extensions')).swapSync;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
  return (path, other) => {
    try {
      // In this order a watcher is told first that `path` has gone, then that it has come: it has changed.
      swap(path, other);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return false;
    }
  };
}
