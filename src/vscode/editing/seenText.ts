import { agentById } from '../../agents/index.ts';
import {
  createBases,
  type FileTouch,
  mirrorPath,
  normaliseText,
  type ReadCache,
  type ReadCacheEntry,
  type SnapshotBody,
  type SnapshotHead,
  textSha256,
} from '../../core/index.ts';
import type { Place } from '../places.ts';
import { readTranscript } from '../readTranscript.ts';

/**
 * The text of a file as the session saw it, where anything still holds it: exactly those bytes, as the guard kept
 * them, else the mirror of the agent's transcript. Undefined where nobody recorded it.
 */
export async function seenText(
  place: Place,
  body: SnapshotBody,
  key: string,
  entry: ReadCacheEntry | undefined,
  touches: Touches = () => recordedTouches(place, body),
): Promise<string | undefined> {
  if (!entry) return undefined;
  if (entry.sha256 !== undefined) {
    const bytes = await keptBytes(place, entry.sha256);
    if (bytes) return normaliseText(bytes);
  }
  return fromTranscript(key, entry, touches);
}

/** `seenText` for many files of a session: the transcript is read once, for the first of them that needs it. */
export function seenTexts(
  place: Place,
  body: SnapshotBody,
  cache: Pick<ReadCache, 'get'>,
): (key: string) => Promise<string | undefined> {
  let read: ReturnType<Touches> | undefined;
  const touches: Touches = () => {
    read ??= recordedTouches(place, body);
    return read;
  };
  return (key) => seenText(place, body, key, cache.get(key), touches);
}

/** The same as bytes: exactly those that were read, or the UTF-8 of the text that an agent recorded. */
export async function seenBytes(
  place: Place,
  body: SnapshotBody,
  key: string,
  entry: ReadCacheEntry,
): Promise<Uint8Array | undefined> {
  const kept = entry.sha256 === undefined ? undefined : await keptBytes(place, entry.sha256);
  if (kept) return kept;
  const text = await fromTranscript(key, entry, () => recordedTouches(place, body));
  return text === undefined ? undefined : Buffer.from(text);
}

/** The guard keeps what it reads as a base; earlier sessions have it as a blob. */
async function keptBytes({ store }: Place, sha256: string): Promise<Uint8Array | undefined> {
  return (await createBases({ sessionsFolder: store.root }).get(sha256)) ?? store.getBlob(sha256);
}

/** The mirror's path; only a plain file inside the sessions' folder is followed, whatever the snapshot says. */
export function mirrorOf(place: Place, head: SnapshotHead): string | undefined {
  const file = head.source?.raw?.file;
  return file === undefined ? undefined : mirrorPath(place.store.root, file);
}

type Touches = () => Promise<readonly FileTouch[]>;

/** What the agent of a session recorded of files, as far as its transcript was kept. */
async function recordedTouches(place: Place, body: SnapshotBody): Promise<readonly FileTouch[]> {
  const mirror = mirrorOf(place, body);
  const agent = body.source && agentById(body.source.agent);
  if (mirror === undefined || !agent) return [];
  return (await readTranscript(agent, mirror))?.takeTouches() ?? [];
}

async function fromTranscript(key: string, entry: ReadCacheEntry, touches: Touches): Promise<string | undefined> {
  const suffix = `/${key}`;
  let found: string | undefined;
  for (const touch of await touches()) {
    const path = touch.path.replaceAll('\\', '/');
    if (touch.text === undefined || !(path === key || path.endsWith(suffix))) continue;
    if (await fits(touch.text, touch.sha256, entry)) found = touch.text;
  }
  return found === undefined ? undefined : normaliseText(found);
}

/** Whether a recorded text is the version that the read-cache speaks of. */
async function fits(text: string, sha256: string | undefined, entry: ReadCacheEntry): Promise<boolean> {
  if (entry.sha256 !== undefined && sha256 === entry.sha256) return true;
  const hash = await textSha256(text);
  return hash === entry.text_sha256 || hash === entry.sha256;
}
