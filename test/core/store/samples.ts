import fs from 'node:fs';
import path from 'node:path';
import { skipBecause } from '../../support/skip.ts';

/** The folder of recorded samples of one agent; skips the test where this machine has none. */
export function sampleFolder(context: Mocha.Context, agent: string): string {
  const folder = path.resolve(import.meta.dirname, '../../../../shared/samples', agent);
  if (!fs.existsSync(folder)) skipBecause(context, 'the recorded samples are not on this machine');
  return folder;
}
