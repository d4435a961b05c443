import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { detectAgent, importTranscript } from '../../agents/index.ts';
import type { Context } from '../context.ts';
import { type Ending, failed, thrownSystemError } from '../ending.ts';
import { keepNew } from '../keep.ts';
import { notImported, savedEnding } from '../savedEnding.ts';
import { readSnapshot } from '../snapshotFile.ts';

/** Saves any file that holds a conversation; what it is, its content tells. */
export async function importFile(context: Context, path: string, options: { readonly name?: string }): Promise<Ending> {
  const file = resolve(context.io.cwd, path);
  try {
    const found = await stat(file);
    if (!found.isFile()) return failed('not-a-file', file);
    if (found.size === 0) return failed('unknown-format', file, 'empty');
    const agent = await detectAgent(file);
    const { store, folder, io } = context;
    const imported =
      agent === undefined
        ? await readSnapshot(context, file)
        : await importTranscript(file, { agent: agent.id, store, folder, now: io.now, random: io.random });
    if (imported.kind !== 'imported') return notImported(file, imported);
    const title = imported.session.body.name ?? imported.session.body.title ?? basename(file, extname(file));
    return savedEnding(await keepNew(store, imported.session, options.name, title), imported);
  } catch (error) {
    return thrownSystemError(error, file);
  }
}
