import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError } from './files.ts';

/** Texts are written in slices, so that a long transcript does not hold the event loop. */
const SLICE = 256 * 1024;

/**
 * Writes a new transcript: a temporary file beside it (0600, folders 0700), synced; `check` sees it before it gets
 * its name, and its throw removes it. An existing file is never overwritten: that throws EEXIST.
 */
export async function writeTranscript(
  file: string,
  lines: AsyncIterable<string>,
  check: (temporary: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Another process may write the same session, and one that died may have left its file: neither is in the way.
  const temporary = `${file}.${process.pid}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    try {
      let slice: string[] = [];
      let size = 0;
      for await (const line of lines) {
        slice.push(line, '\n');
        size += line.length;
        if (size < SLICE) continue;
        await handle.appendFile(slice.join(''));
        slice = [];
        size = 0;
      }
      await handle.appendFile(slice.join(''));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await check(temporary);
    await linkOrCopy(temporary, file);
  } finally {
    await unlink(temporary);
  }
}

/** Two sessions of one id in an agent's home would be one too many: which of them it resumes is left to chance. */
export function refuseTaken(transcript: string | undefined): void {
  if (transcript === undefined) return;
  throw Object.assign(new Error(`EEXIST: the agent has a session of this id, '${transcript}'`), {
    code: 'EEXIST',
    syscall: 'link',
    path: transcript,
  });
}

/** A link fails where the name is taken; file systems without links copy, which also refuses a taken name. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!isSystemError(error) || error.code === 'EEXIST') throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}
