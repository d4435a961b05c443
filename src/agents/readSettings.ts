import { readFile } from 'node:fs/promises';
import { parse } from 'jsonc-parser';
import { isSystemError } from './files.ts';
import { type JsonObject, object } from './shape.ts';

/** An agent's settings: JSON with comments. A file that is missing, or something else, tells nothing. */
export async function readSettings(file: string): Promise<JsonObject | undefined> {
  try {
    return object(parse(await readFile(file, 'utf8'), [], { allowTrailingComma: true }));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
