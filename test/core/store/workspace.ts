import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Message, openStore, type Session, type SessionStore } from '../../../src/core/index.ts';

/** A workspace folder of its own for every test, removed afterwards. */
export interface Workspace {
  readonly folder: string;
  readonly root: string;
  readonly store: SessionStore;
  /** Another store on the same folder, as a second process has. */
  another(): SessionStore;
  /** Absolute path of a file in the sessions' folder. */
  file(name: string): string;
  read(name: string): string;
  write(name: string, content: string | Uint8Array): void;
  files(): string[];
}

/** Call in a `describe`: gives the workspace of the running test. */
export function useWorkspace(): () => Workspace {
  let current: Workspace | undefined;
  let stores: SessionStore[] = [];
  beforeEach(() => {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-store-')));
    const root = path.join(folder, '.sessions');
    let number = 0;
    const another = (): SessionStore => {
      const prefix = (stores.length + 1).toString(16).padStart(4, '0');
      const random = () => `${prefix}${(++number).toString(16).padStart(12, '0')}`.split('').reverse().join('');
      const store = openStore({ folder, now: () => Date.UTC(2026, 10, 20, 10, 30), random });
      stores.push(store);
      return store;
    };
    current = {
      folder,
      root,
      store: another(),
      another,
      file: (name) => path.join(root, name),
      read: (name) => fs.readFileSync(path.join(root, name), 'utf8'),
      write: (name, content) => {
        fs.mkdirSync(root, { recursive: true });
        fs.writeFileSync(path.join(root, name), content);
      },
      files: () => fs.readdirSync(root).sort(),
    };
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    stores = [];
    if (current) fs.rmSync(current.folder, { recursive: true, force: true });
  });
  return () => {
    if (!current) throw new Error('no test is running');
    return current;
  };
}

export function message(id: string, text = `text of ${id}`): Message {
  return { id, role: 'user', content: text };
}

export function session(ids: readonly string[], more: Partial<Session['body']> = {}): Session {
  return {
    body: { session_id: 's-1', created_at: '2026-11-20T10:00:00.000Z', ...more },
    history: ids.map((id) => message(id)),
  };
}

/** The session of that name; fails the test where it does not load. */
export async function loaded(store: SessionStore, name: string): Promise<Session> {
  const result = await store.load(name);
  if (result.kind !== 'loaded') throw new Error(`${name} did not load: ${JSON.stringify(result)}`);
  return result.session;
}

export async function ids(store: SessionStore, name: string): Promise<string[]> {
  return (await loaded(store, name)).history.map(({ id }) => id);
}

/** Every file below a folder with its bytes, for "nothing changed". */
export function contents(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(file, fs.readFileSync(file, 'latin1'));
  }
  return found;
}

/** Asks again until it is so; gives up before the test's own time limit ends the test and leaves this running. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not become so in 15 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
