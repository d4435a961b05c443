import type { SessionStore } from '../core/index.ts';

/**
 * Mirrors a transcript and answers which bytes of the mirror the session holds: those up to `read`. The transcript may
 * have grown since it was read; what came then is mirrored too, but a follower that goes on from these bytes must read
 * it, or it would be in no event.
 */
export async function mirrorUpTo(
  store: SessionStore | undefined,
  sessionId: string,
  transcript: string,
  read: number,
): Promise<{ readonly file: string; readonly bytes: number } | undefined> {
  if (store === undefined) return undefined;
  const { file, bytes } = await store.mirrorRaw(sessionId, transcript);
  return { file, bytes: Math.min(bytes, read) };
}
