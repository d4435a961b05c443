import { access, constants, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { detectAgent, importTranscript, readSnapshotFile } from '../../agents/index.ts';
import type { Context } from '../context.ts';
import { type Ending, failed, thrownSystemError } from '../ending.ts';
import { keepNew } from '../keep.ts';
import { notImported, savedEnding } from '../savedEnding.ts';
import { snapshotCounts } from '../snapshotCounts.ts';

/** Saves any file that holds a conversation; what it is, its content tells. */
export async function importFile(context: Context, path: string, options: { readonly name?: string }): Promise<Ending> {
  const file = resolve(context.io.cwd, path);
  try {
    const found = await stat(file);
    if (!found.isFile()) return failed('not-a-file', file);
    if (found.size === 0) return failed('unknown-format', file, 'it is empty');
    await access(file, constants.R_OK);
  } catch (error) {
    return thrownSystemError(error, file);
  }
  const imported = await readAny(context, file);
  if (imported.kind !== 'imported') return notImported(file, imported);
  const { body } = imported.session;
  const title = body.name ?? body.title ?? basename(file, extname(file));
  return savedEnding(await keepNew(context.store, imported.session, options.name, title), imported);
}

async function readAny({ store, folder, io: { now, random } }: Context, file: string) {
  const agent = await detectAgent(file);
  if (agent !== undefined) return importTranscript(file, { agent: agent.id, store, folder, now, random });
  const snapshot = await readSnapshotFile({ store, now, random }, file);
  return snapshot.kind === 'imported' ? { ...snapshot, counts: snapshotCounts(snapshot.session) } : snapshot;
}
