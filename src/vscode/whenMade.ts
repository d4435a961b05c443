import { type Disposable, Uri, workspace } from 'vscode';

const LOOK_MS = 5000;

/**
 * Tells when one of these folders (absolute paths) is there that was not before. VS Code's own watcher sees nothing of a
 * folder that is made, or made again, after it began.
 */
export function whenMade(folders: readonly string[], tell: () => void): Disposable {
  let missing: ReadonlySet<string> = new Set();
  let closed = false;
  const look = async (): Promise<void> => {
    const there = await Promise.all(folders.map(isThere));
    if (closed) return;
    const before = missing;
    missing = new Set(folders.filter((_, index) => !there[index]));
    if ([...before].some((folder) => !missing.has(folder))) tell();
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    dispose() {
      closed = true;
      clearInterval(timer);
    },
  };
}

/** One that cannot be looked at is none: a watcher could not either. */
async function isThere(folder: string): Promise<boolean> {
  return workspace.fs.stat(Uri.file(folder)).then(
    () => true,
    () => false,
  );
}
