import type { DataFile } from '../disk/disk.ts';
import { breathe } from '../disk/files.ts';
import { Offsets } from './offsets.ts';

/** Byte ranges [start, end) of what a JSON document holds at its top, found without parsing or holding it. */
export interface DocumentMap {
  /** Values of the top-level fields, by key as written between the quotes; of a repeated key the last. */
  readonly fields: ReadonlyMap<string, readonly [start: number, end: number]>;
  readonly history: { readonly starts: Offsets; readonly ends: Offsets };
  /** `not-an-object`: another kind of document. `truncated`: the file ends before the document does. */
  readonly state: 'whole' | 'truncated' | 'not-an-object' | 'trailing';
}

const SLICE = 1 << 20;
const SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** An index that lies within what was read, else its end. */
function found(index: number, end: number): number {
  return index < 0 ? end : Math.min(index, end);
}

/**
 * Walks over a document of any size and any layout in slices: knows strings and depth, and nothing else of JSON, so
 * that neither length nor nesting can exhaust anything.
 */
export async function scanDocument(file: DataFile, size: number): Promise<DocumentMap> {
  const buffer = Buffer.allocUnsafe(Math.min(SLICE, Math.max(1, size)));
  const fields = new Map<string, readonly [number, number]>();
  const history = { starts: new Offsets(), ends: new Offsets() };
  let depth = 0;
  let inString = false;
  let escaped = false;
  let key: string | undefined;
  let keyBytes: number[] | undefined;
  let expectKey = false;
  let valueStart = -1;
  let valueEnd = -1;
  let inHistory = false;
  let elementStart = -1;
  let elementEnd = -1;
  let ended = false;

  const endField = () => {
    if (key !== undefined && valueStart >= 0) fields.set(key, [valueStart, valueEnd]);
    key = undefined;
    valueStart = -1;
    inHistory = false;
  };
  const endElement = () => {
    if (elementStart < 0) return;
    history.starts.push(elementStart);
    history.ends.push(elementEnd);
    elementStart = -1;
  };

  for (let from = 0; from < size; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    if (bytesRead === 0) break;
    let slash = -1;
    for (let at = 0; at < bytesRead; at++) {
      const byte = buffer[at] ?? 0;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === 0x5c) escaped = true;
        else if (byte === 0x22) {
          inString = false;
          if (keyBytes) {
            key = Buffer.from(keyBytes).toString();
            keyBytes = undefined;
          } else if (depth === 1) valueEnd = from + at + 1;
          else if (depth === 2) elementEnd = from + at + 1;
          continue;
        } else if (!keyBytes) {
          // Most bytes are text: jump to what may end it.
          if (slash < at) slash = found(buffer.indexOf(0x5c, at), bytesRead);
          const next = Math.min(found(buffer.indexOf(0x22, at), bytesRead), slash);
          if (next > at) at = next - 1;
          continue;
        }
        if (keyBytes && keyBytes.length < 1024) keyBytes.push(byte);
        continue;
      }
      if (SPACE.has(byte)) continue;
      const here = from + at;
      if (depth === 0) {
        if (byte === 0xef || byte === 0xbb || byte === 0xbf) {
          if (here < 3) continue;
        }
        if (ended) return { fields, history, state: 'trailing' };
        if (byte !== 0x7b) return { fields, history, state: 'not-an-object' };
        depth = 1;
        expectKey = true;
        continue;
      }
      const closes = byte === 0x7d || byte === 0x5d;
      if (depth === 1) {
        if (closes || byte === 0x2c) {
          endField();
          expectKey = true;
        } else if (byte === 0x3a && expectKey) expectKey = false;
        else if (byte === 0x22 && expectKey) keyBytes = [];
        else if (valueStart < 0 && !expectKey) {
          valueStart = here;
          if (key === 'history' && byte === 0x5b) inHistory = true;
        }
      } else if (depth === 2 && inHistory) {
        if (closes || byte === 0x2c) endElement();
        else if (elementStart < 0) elementStart = here;
      }
      if (byte === 0x22) inString = true;
      else if (byte === 0x7b || byte === 0x5b) depth++;
      else if (closes) {
        depth--;
        if (depth === 0) ended = true;
      }
      if (depth === 1) valueEnd = here + 1;
      else if (depth === 2 && byte !== 0x2c) elementEnd = here + 1;
    }
    from += bytesRead;
    await breathe();
  }
  return { fields, history, state: ended ? 'whole' : 'truncated' };
}
