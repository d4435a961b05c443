import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as nodePath from 'node:path';

/** A key is a path, and no name of a file has room for every path: names have its id, and `keys/<id>` has the key. */
const ID = /^[0-9a-f]{16}$/;

export function keyId(key: string): string {
  return crypto.hash('sha256', key).slice(0, 16);
}

/** Makes the id of a key readable later, and returns it. `displaced` is the folder for displaced versions. */
export function rememberKey(displaced: string, key: string): string {
  const id = keyId(key);
  const file = fileOf(displaced, id);
  if (fs.existsSync(file)) return id;
  fs.mkdirSync(nodePath.dirname(file), { recursive: true, mode: 0o700 });
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

/** Undefined where the key was never remembered, or the file holds something else. */
export function keyOf(displaced: string, id: string): string | undefined {
  if (!ID.test(id)) return undefined;
  try {
    const key = fs.readFileSync(fileOf(displaced, id), 'utf8');
    return keyId(key) === id ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

function fileOf(displaced: string, id: string): string {
  return nodePath.join(nodePath.dirname(displaced), 'keys', id);
}
