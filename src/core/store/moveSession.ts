import fs from 'node:fs';
import path from 'node:path';
import * as disk from './disk/disk.ts';
import { codeOf, FOLDING_SUFFIX, ifThere, JOURNAL_SUFFIX, type SessionFiles, sessionFiles } from './disk/files.ts';
import { nameAsNew, syncFolder } from './disk/writeFileSafely.ts';
import { freeVariant, validName } from './freeName.ts';
import { nameProblem } from './name.ts';
import type { DeleteOutcome, MoveOutcome, TrashEntry } from './sessionStore.ts';
import { assertInside, isInside, prepareRoot, type StoreContext, underLock, underLocks } from './storeContext.ts';

const TRASH = 'trash';
/** The time of the deletion in ms, and something random. */
const TRASH_ID = /^(\d{13,15})-[0-9a-f]+$/;

/** See SessionStore.rename. The session keeps its id, and with it its raw bytes and blobs. */
export async function renameSession(context: StoreContext, name: string, to: string): Promise<MoveOutcome> {
  const problem = nameProblem(name) ?? nameProblem(to);
  if (problem) return { kind: 'invalid-name', problem };
  const from = sessionFiles(context.root, name);
  const target = sessionFiles(context.root, to);
  if (name === to) return (await isThere(from.snapshot)) ? { kind: 'done', name } : { kind: 'missing' };
  return underLocks(context, [from, target], async () => {
    const stat = await disk.lstat(from.snapshot);
    if (!stat) return { kind: 'missing' };
    const there = await disk.lstat(target.snapshot);
    const otherCase = there?.ino === stat.ino && name.toLowerCase() === to.toLowerCase();
    if (there && !otherCase) return { kind: 'exists', sessionId: undefined };
    for (const [old, fresh] of journalPairs(from, target)) await ifThere(disk.rename(old, fresh));
    if (otherCase) await disk.rename(from.snapshot, target.snapshot);
    else if (!(await nameAsNew(from.snapshot, target.snapshot))) {
      for (const [old, fresh] of journalPairs(from, target)) await ifThere(disk.rename(fresh, old));
      return { kind: 'exists', sessionId: undefined };
    }
    await syncFolder(context.root);
    return { kind: 'done', name: to };
  });
}

function journalPairs(from: SessionFiles, to: SessionFiles): readonly (readonly [string, string])[] {
  return [
    [from.folding, to.folding],
    [from.journal, to.journal],
  ];
}

async function isThere(file: string): Promise<boolean> {
  return disk.exists(file);
}

/** See SessionStore.delete. The snapshot goes first: what is left behind by a crash is still listed. */
export async function deleteSession(context: StoreContext, name: string): Promise<DeleteOutcome> {
  const problem = nameProblem(name);
  if (problem) return { kind: 'invalid-name', problem };
  const files = sessionFiles(context.root, name);
  return underLock(context, files, async () => {
    const parts: string[] = [];
    for (const file of [files.snapshot, files.folding, files.journal]) if (await isThere(file)) parts.push(file);
    if (parts.length === 0) return { kind: 'missing' };
    const id = `${context.now()}-${context.random().slice(0, 8)}`;
    const folder = path.join(context.root, TRASH, id);
    await assertInside(context, folder);
    await disk.makeFolder(folder);
    for (const file of parts) await disk.rename(file, path.join(folder, path.basename(file)));
    await syncFolder(folder);
    await syncFolder(context.root);
    return { kind: 'deleted', id };
  });
}

const SUFFIXES: readonly string[] = ['.json', FOLDING_SUFFIX, JOURNAL_SUFFIX];

function nameIn(fileNames: readonly string[]): string | undefined {
  for (const suffix of SUFFIXES) {
    const found = fileNames.find((fileName) => fileName.endsWith(suffix));
    if (found) return found.slice(0, -suffix.length);
  }
  return undefined;
}

/** See SessionStore.listTrash: newest first. */
export async function listTrash({ folder, root }: StoreContext): Promise<readonly TrashEntry[]> {
  const trash = path.join(root, TRASH);
  if (!(await isInside(folder, trash))) return [];
  const entries: TrashEntry[] = [];
  for (const id of (await ifThere(fs.promises.readdir(trash))) ?? []) {
    const deletedAt = Number(TRASH_ID.exec(id)?.[1]);
    if (Number.isNaN(deletedAt)) continue;
    const fileNames = await fs.promises.readdir(path.join(trash, id)).catch((error) => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
      throw error;
    });
    const name = nameIn(fileNames);
    if (name === undefined) continue;
    let bytes = 0;
    for (const fileName of fileNames) bytes += (await disk.lstat(path.join(trash, id, fileName)))?.size ?? 0;
    entries.push({ id, name, deletedAt, bytes });
  }
  return entries.sort((a, b) => b.deletedAt - a.deletedAt || (a.id < b.id ? 1 : -1));
}

/** See SessionStore.restore. The snapshot comes last, so that the session is whole when it appears. */
export async function restoreSession(context: StoreContext, id: string): Promise<MoveOutcome> {
  const problem = nameProblem(id);
  if (problem) return { kind: 'invalid-name', problem };
  if (!TRASH_ID.test(id)) return { kind: 'missing' };
  const folder = path.join(context.root, TRASH, id);
  if (!(await isInside(context.folder, folder))) return { kind: 'missing' };
  const fileNames = await ifThere(fs.promises.readdir(folder));
  const old = nameIn(fileNames ?? []);
  if (!fileNames || old === undefined) return { kind: 'missing' };
  for (;;) {
    await prepareRoot(context);
    // A trash that came with a clone may hold a file named `...json`, whose name would lead out of the folder.
    const name = await freeVariant(context.root, nameProblem(old) ? validName(old) : old);
    const files = sessionFiles(context.root, name);
    const outcome = await underLock(context, files, async () => {
      if ((await isThere(files.snapshot)) || (await isThere(files.journal))) return { kind: 'taken' as const };
      for (const suffix of [JOURNAL_SUFFIX, FOLDING_SUFFIX]) {
        await ifThere(disk.rename(path.join(folder, old + suffix), path.join(context.root, name + suffix)));
      }
      const snapshot = path.join(folder, `${old}.json`);
      if ((await isThere(snapshot)) && !(await nameAsNew(snapshot, files.snapshot))) {
        for (const suffix of [JOURNAL_SUFFIX, FOLDING_SUFFIX]) {
          await ifThere(disk.rename(path.join(context.root, name + suffix), path.join(folder, old + suffix)));
        }
        return { kind: 'taken' as const };
      }
      await ifThere(fs.promises.rmdir(folder));
      await syncFolder(context.root);
      return { kind: 'done' as const, name };
    });
    if (outcome.kind !== 'taken') return outcome;
  }
}
