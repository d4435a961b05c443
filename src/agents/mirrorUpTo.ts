import { createReadStream } from 'node:fs';
import type { Message, SessionStore, Source } from '../core/index.ts';
import type { Agent } from './agent.ts';
import { type FileState, fileState, isSameState } from './files.ts';
import { diffMessages } from './messageDiff.ts';
import { readerOptions, readRecords } from './readRecords.ts';
import { optional } from './shape.ts';

/** Which file of the store (relative to its folder) holds a transcript's own bytes, and how many of them the session holds. */
export type Mirrored = NonNullable<Source['raw']>;

export interface MirrorOptions {
  /** How many bytes of a transcript that is appended to were read. */
  readonly read: number;
  /** Of a transcript that is rewritten as a whole: the file that was read, where only that will do. */
  readonly state?: FileState | undefined;
  /** True where the mirror (its absolute path) holds what is not there any more: it stays, and a new one is begun. */
  readonly anew?: (mirror: string) => Promise<boolean>;
}

const ATTEMPTS = 3;

/**
 * Mirrors a transcript and answers which bytes of the mirror the session holds. One that is appended to may have grown
 * since it was read: what came then is mirrored too, but a follower that goes on from these bytes must read it, or it
 * would be in no event. Undefined where the transcript was being written: the mirror is as it was. Rejects with a system
 * error where it cannot be read.
 */
export async function mirrorUpTo(
  store: SessionStore | undefined,
  agent: Agent,
  sessionId: string,
  transcript: string,
  options: MirrorOptions,
): Promise<Mirrored | undefined> {
  if (store === undefined) return undefined;
  const { read, state } = options;
  const anew = optional('anew', options.anew);
  const layout = agent.layout(transcript);
  switch (layout.kind) {
    case 'lines': {
      const { file, bytes } = await store.mirrorRaw(sessionId, transcript, read);
      return { file, bytes: Math.min(bytes, read) };
    }
    case 'document':
      for (let attempt = 1; ; attempt += 1) {
        const before = state ?? (await fileState(transcript));
        const isWhole = async () => isSameState(before, await fileState(transcript));
        const mirrored = await store.mirrorDocument(sessionId, createReadStream(transcript), { ...anew, isWhole });
        if (mirrored !== undefined || state !== undefined || attempt === ATTEMPTS) return mirrored;
      }
    case 'rows':
      return store.mirrorDocument(sessionId, layout.document(), anew);
  }
}

/** True where a mirror holds messages that a conversation does not have any more. */
export async function holdsMore(agent: Agent, mirror: string, messages: readonly Message[]): Promise<boolean> {
  const reader = agent.reader(await readerOptions(agent, mirror));
  const read = await readRecords(agent, mirror, reader);
  return read !== undefined && (await diffMessages(reader.messages(), messages)).lost;
}
