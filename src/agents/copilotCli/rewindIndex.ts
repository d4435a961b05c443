import { object, objects, parseObject, string } from '../shape.ts';

/** SHA-256 of files as they were after the prompt of an event: `rewind-file-snapshots/index.json` (FORMATS 4B). */
export interface RewindIndex {
  after(eventId: string, path: string): string | undefined;
}

export function readRewindIndex(text: string | undefined): RewindIndex {
  const hashes = new Map<string, ReadonlyMap<string, string>>();
  for (const snapshot of objects(parseObject(text ?? '')?.['snapshots'])) {
    const files = new Map<string, string>();
    for (const value of Object.values(object(snapshot['files']) ?? {})) {
      const file = object(value);
      const path = string(file?.['path']);
      const after = object(file?.['postimage']);
      const hash = after?.['kind'] === 'content' ? string(after['contentHash']) : undefined;
      if (path !== undefined && hash !== undefined && /^[0-9a-f]{64}$/.test(hash)) files.set(path, hash);
    }
    const eventId = string(snapshot['eventId']);
    if (eventId !== undefined) hashes.set(eventId, files);
  }
  return { after: (eventId, path) => hashes.get(eventId)?.get(path) };
}
