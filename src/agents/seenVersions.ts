import {
  createBases,
  type FileTouch,
  mirrorPath,
  normaliseText,
  type ReadCacheEntry,
  type SessionStore,
  type SnapshotBody,
  textSha256,
} from '../core/index.ts';
import { agents } from './agents.ts';
import { readerOptions, readRecords } from './readRecords.ts';

/** Versions of files as a session saw them, where anything still holds them; undefined where nothing does. */
export interface SeenVersions {
  /** Exactly the bytes that were read, or the UTF-8 of the text that the agent recorded. */
  bytes(key: string, entry: ReadCacheEntry): Promise<Uint8Array | undefined>;
  /** The same as text: no BOM, LF. */
  text(key: string, entry: ReadCacheEntry): Promise<string | undefined>;
}

/**
 * A version is looked for among those that the guard kept, then among the blobs, then in the mirror of the agent's
 * transcript, which is read once, for the first file that needs it.
 */
export function seenVersions(store: Pick<SessionStore, 'root' | 'getBlob'>, body: SnapshotBody): SeenVersions {
  const bases = createBases({ sessionsFolder: store.root });
  let touches: Promise<readonly FileTouch[]> | undefined;
  const bytes = async (key: string, entry: ReadCacheEntry): Promise<Uint8Array | undefined> => {
    const { sha256 } = entry;
    const kept = sha256 === undefined ? undefined : ((await bases.get(sha256)) ?? (await store.getBlob(sha256)));
    if (kept !== undefined) return kept;
    touches ??= recordedTouches(store, body);
    const text = await recordedText(await touches, key, entry);
    return text === undefined ? undefined : Buffer.from(text);
  };
  return {
    bytes,
    async text(key, entry) {
      const found = await bytes(key, entry);
      return found === undefined ? undefined : normaliseText(found);
    },
  };
}

/** `seenVersions(...).text` of the files of a read-cache. */
export function seenTexts(
  store: Pick<SessionStore, 'root' | 'getBlob'>,
  body: SnapshotBody,
  entryOf: (key: string) => ReadCacheEntry | undefined,
): (key: string) => Promise<string | undefined> {
  const seen = seenVersions(store, body);
  return async (key) => {
    const entry = entryOf(key);
    return entry === undefined ? undefined : seen.text(key, entry);
  };
}

/** What the agent of a session recorded of files, as far as its transcript was kept. */
async function recordedTouches(store: Pick<SessionStore, 'root'>, body: SnapshotBody): Promise<readonly FileTouch[]> {
  const raw = body.source?.raw;
  const agent = agents.find(({ id }) => id === body.source?.agent);
  if (raw === undefined || agent === undefined) return [];
  const mirror = mirrorPath(store.root, raw.file);
  if (mirror === undefined) return [];
  const reader = agent.reader(await readerOptions(agent, mirror));
  const read = await readRecords(agent, mirror, reader);
  return read === undefined ? [] : reader.takeTouches();
}

async function recordedText(
  touches: readonly FileTouch[],
  key: string,
  entry: ReadCacheEntry,
): Promise<string | undefined> {
  let found: string | undefined;
  for (const { path, text, sha256 } of touches) {
    // The transcript may come from another machine: its paths end as the key does.
    if (text === undefined || !`/${path.replaceAll('\\', '/')}`.endsWith(`/${key}`)) continue;
    const hash = sha256 !== undefined && sha256 === entry.sha256 ? sha256 : await textSha256(text);
    if (hash === entry.sha256 || hash === entry.text_sha256) found = text;
  }
  return found === undefined ? undefined : normaliseText(found);
}
