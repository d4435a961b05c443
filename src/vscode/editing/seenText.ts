import nodePath from 'node:path';
import { agentById } from '../../agents/index.ts';
import {
  normaliseText,
  type ReadCacheEntry,
  type SnapshotBody,
  type SnapshotHead,
  textSha256,
} from '../../core/index.ts';
import type { Place } from '../places.ts';
import { readTranscript } from '../readTranscript.ts';

/**
 * The text of a file as the session saw it, where anything still holds it: a blob of exactly those bytes (Holdfast's
 * own tools keep one), else the mirror of the agent's transcript. Undefined where nobody recorded it.
 */
export async function seenText(
  place: Place,
  body: SnapshotBody,
  key: string,
  entry: ReadCacheEntry | undefined,
): Promise<string | undefined> {
  if (!entry) return undefined;
  if (entry.sha256 !== undefined) {
    const bytes = await place.store.getBlob(entry.sha256);
    if (bytes) return normaliseText(bytes);
  }
  return fromTranscript(place, body, key, entry);
}

/** The same as bytes: exactly those that were read, or the UTF-8 of the text that an agent recorded. */
export async function seenBytes(
  place: Place,
  body: SnapshotBody,
  key: string,
  entry: ReadCacheEntry,
): Promise<Uint8Array | undefined> {
  const blob = entry.sha256 === undefined ? undefined : await place.store.getBlob(entry.sha256);
  if (blob) return blob;
  const text = await fromTranscript(place, body, key, entry);
  return text === undefined ? undefined : Buffer.from(text);
}

/** The mirror's path; only a plain name inside the sessions' folder is followed, whatever the snapshot says. */
export function mirrorOf(place: Place, head: SnapshotHead): string | undefined {
  const file = head.source?.raw?.file;
  if (file === undefined) return undefined;
  const name = nodePath.posix.basename(file.replaceAll('\\', '/'));
  if (!name.endsWith('.jsonl') || name.startsWith('.')) return undefined;
  return nodePath.join(place.store.root, 'raw', name);
}

async function fromTranscript(
  place: Place,
  body: SnapshotBody,
  key: string,
  entry: ReadCacheEntry,
): Promise<string | undefined> {
  const mirror = mirrorOf(place, body);
  const agent = body.source && agentById(body.source.agent);
  if (mirror === undefined || !agent) return undefined;
  const read = await readTranscript(agent, mirror);
  if (!read) return undefined;
  const suffix = `/${key}`;
  let found: string | undefined;
  for (const touch of read.takeTouches()) {
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
