import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { ioFailure, openFile } from '../version.ts';
import { makeWorkFolder } from './makeWorkFolder.ts';

/** A key is a path, and no name of a file has room for every path: names have its id, and `keys/<id>` has the key. */
const ID = /^[0-9a-f]{16}$/;
/** Longer than any path. */
const MAX_KEY_BYTES = 64 << 10;

export function keyId(key: string): string {
  return crypto.hash('sha256', key).slice(0, 16);
}

/** Makes the id of a key readable later, and returns it. `displaced` is the folder for displaced versions. */
export function rememberKey(displaced: string, key: string): string {
  const id = keyId(key);
  const file = fileOf(displaced, id);
  if (keyOf(displaced, id) === key) return id;
  makeWorkFolder(nodePath.dirname(displaced), 'keys');
  // What else may lie there, a crash or a clone has left. A folder stays: then the key is not told, and nothing else.
  if (fs.lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return id;
  fs.rmSync(file, { force: true });
  try {
    fs.writeFileSync(file, key, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return id;
    // A full disk takes a name, but no content.
    fs.rmSync(file, { force: true });
    throw error;
  }
  return id;
}

/** Undefined where the key was never remembered, or something else has its place: it may have come with a clone. */
export function keyOf(displaced: string, id: string): string | undefined {
  if (!ID.test(id)) return undefined;
  const file = fileOf(displaced, id);
  try {
    const opened = openFile(file);
    if (opened.kind !== 'open') return undefined;
    try {
      if (opened.stat.size > MAX_KEY_BYTES) return undefined;
      const key = fs.readFileSync(opened.fd, 'utf8');
      return keyId(key) === id ? key : undefined;
    } finally {
      fs.closeSync(opened.fd);
    }
  } catch (error) {
    // Another user's, ...: a version without its key is listed as well.
    ioFailure(error, file);
    return undefined;
  }
}

function fileOf(displaced: string, id: string): string {
  return nodePath.join(nodePath.dirname(displaced), 'keys', id);
}
