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
import { withFile } from './files.ts';
import { pump, readBase } from './readTranscript.ts';

/**
 * The texts of a session's files as it saw them, where anything still holds them: a kept version or a blob of exactly
 * those bytes, else the mirror of the agent's transcript, which is read once, for the first file that needs it.
 */
export function seenTexts(
  store: Pick<SessionStore, 'root' | 'getBlob'>,
  body: SnapshotBody,
  entryOf: (key: string) => ReadCacheEntry | undefined,
): (key: string) => Promise<string | undefined> {
  const bases = createBases({ sessionsFolder: store.root });
  let touches: Promise<readonly FileTouch[]> | undefined;
  return async (key) => {
    const entry = entryOf(key);
    if (entry === undefined) return undefined;
    if (entry.sha256 !== undefined) {
      const bytes = (await bases.get(entry.sha256)) ?? (await store.getBlob(entry.sha256));
      if (bytes !== undefined) return normaliseText(bytes);
    }
    touches ??= recordedTouches(store, body);
    return recordedText(await touches, key, entry);
  };
}

/** What the agent of a session recorded of files, as far as its transcript was kept. */
async function recordedTouches(store: Pick<SessionStore, 'root'>, body: SnapshotBody): Promise<readonly FileTouch[]> {
  const raw = body.source?.raw;
  const agent = agents.find(({ id }) => id === body.source?.agent);
  if (raw === undefined || agent === undefined) return [];
  const mirror = mirrorPath(store.root, raw.file);
  if (mirror === undefined) return [];
  const reader = agent.reader({ transcript: mirror, ...(await readBase(agent, mirror)) });
  const read = await withFile(mirror, (handle) => pump(handle, reader));
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
