import { createPacer } from '../pacer.ts';

/** What is searched between two pauses: about 1 ms, some more where nearly every byte is a match. */
const STRETCH = 16 << 10;
/** `indexOf` takes time by the length of what it looks for where a file repeats itself: so it looks for so much. */
const PREFIX = 16;

/**
 * Tells every place where `wanted` begins, overlapping ones included, in time linear in both lengths whatever they hold
 * (Knuth, Morris and Pratt; `indexOf` alone takes half a minute for 10 KB in 4 MB of one letter).
 */
export async function findBytes(bytes: Buffer, wanted: Buffer, found: (at: number) => void): Promise<void> {
  if (wanted.length === 0 || wanted.length > bytes.length) return;
  const pause = createPacer();
  const prefix = wanted.subarray(0, PREFIX);
  const borders = await bordersOf(wanted, pause);
  /** How many bytes before `at` are the beginning of `wanted`. */
  let matched = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + STRETCH, bytes.length);
    while (at < end) {
      if (matched === 0) {
        const next = bytes.subarray(at, end + prefix.length - 1).indexOf(prefix);
        at = next === -1 ? end : at + next + prefix.length;
        if (next !== -1) matched = prefix.length;
      } else {
        const byte = bytes[at++];
        while (matched > 0 && byte !== wanted[matched]) matched = borders[matched - 1] as number;
        if (byte === wanted[matched]) matched++;
      }
      if (matched === wanted.length) {
        found(at - matched);
        matched = borders[matched - 1] as number;
      }
    }
    await pause();
  }
}

/** For every beginning of `wanted`: how long the longest shorter beginning is that it ends with. */
async function bordersOf(wanted: Buffer, pause: () => Promise<void> | undefined): Promise<Uint32Array> {
  const borders = new Uint32Array(wanted.length);
  let matched = 0;
  for (let at = 1; at < wanted.length; at++) {
    while (matched > 0 && wanted[at] !== wanted[matched]) matched = borders[matched - 1] as number;
    if (wanted[at] === wanted[matched]) matched++;
    borders[at] = matched;
    if (at % STRETCH === 0) await pause();
  }
  return borders;
}
