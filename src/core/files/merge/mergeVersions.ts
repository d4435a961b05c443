import { createPacer } from '../pacer.ts';
import { areEqual } from '../version.ts';
import { mergeLines } from './mergeLines.ts';

/** What three versions of a file make together. */
export type Merged =
  | { readonly kind: 'merged'; readonly bytes: Buffer }
  /** Both sides changed the same lines, or lines that touch. */
  | { readonly kind: 'overlap' }
  /** Text with too many lines, or with too many equal ones, to be merged within the time that a write may take. */
  | { readonly kind: 'too-costly' }
  /** One of them is not UTF-8 text, or bigger than 4 MiB. */
  | { readonly kind: 'not-mergeable' };

/** `base` is what the session read, `ours` what its edit makes of that, `theirs` what is there now. */
export interface Versions {
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
}

const MAX_BYTES = 4 << 20;
const MAX_LINES = 25_000;

const BOM = '\uFEFF';

/**
 * Merges line by line. BOM and line ends are those of `theirs`: where it ends every line in one way, the versions are
 * compared without a BOM and with LF, since an agent records what it read in that form; where it mixes them, a line's
 * end is part of the line. Two changes with no unchanged line between them overlap, unless they are the same.
 */
export async function mergeVersions(versions: Versions): Promise<Merged> {
  const pause = createPacer();
  const texts: Text[] = [];
  for (const bytes of [versions.base, versions.ours, versions.theirs]) {
    const text = await readText(bytes, pause);
    if (text === undefined) return { kind: 'not-mergeable' };
    texts.push(text);
  }
  const [base, ours, theirs] = texts as [Text, Text, Text];
  // Only one side changed anything: its bytes are the answer, line ends and all.
  const unchanged = asBuffer(versions.base);
  if (await areEqual(asBuffer(versions.theirs), unchanged)) return { kind: 'merged', bytes: asBuffer(versions.ours) };
  if (await areEqual(asBuffer(versions.ours), unchanged)) return { kind: 'merged', bytes: asBuffer(versions.theirs) };

  if (Math.max(base.lines.length, ours.lines.length, theirs.lines.length) > MAX_LINES) return { kind: 'too-costly' };
  const ends = endsOf(theirs.lines) ?? endsOf(ours.lines) ?? '\n';
  const numbers = new Map<string, number>();
  const number = async ({ lines }: Text): Promise<number[]> => {
    const numbered: number[] = [];
    for (const [index, line] of lines.entries()) {
      const text = plain(line, ends);
      const known = numbers.get(text) ?? numbers.size;
      numbers.set(text, known);
      numbered.push(known);
      if (index % 1024 === 0) await pause();
    }
    return numbered;
  };
  const numbered = { base: await number(base), ours: await number(ours), theirs: await number(theirs) };
  const merged = await mergeLines(numbered, pause);
  switch (merged.kind) {
    case 'overlap':
    case 'too-costly':
      return merged;
    case 'merged':
      break;
  }
  await pause();
  const text = toText(merged.lines, [...numbers.keys()], ends);
  await pause();
  return { kind: 'merged', bytes: Buffer.from(theirs.bom ? BOM + text : text) };
}

function toText(lines: readonly number[], byNumber: readonly string[], ends: '\n' | '\r\n' | 'mixed'): string {
  let text = '';
  for (const number of lines) {
    const line = byNumber[number] as string;
    text += ends === '\r\n' && line.endsWith('\n') ? `${line.slice(0, -1)}\r\n` : line;
  }
  return text;
}

interface Text {
  readonly bom: boolean;
  /** With their ends; beyond MAX_LINES the rest is one line. */
  readonly lines: readonly string[];
}

/** Undefined for what is not UTF-8 text or is too big. */
async function readText(bytes: Uint8Array, pause: () => Promise<void> | undefined): Promise<Text | undefined> {
  if (bytes.length > MAX_BYTES || bytes.includes(0)) return undefined;
  const text = decode(bytes);
  await pause();
  if (text === undefined) return undefined;
  const lines: string[] = [];
  const bom = text.startsWith(BOM);
  for (let from = bom ? 1 : 0; from < text.length; ) {
    const at = lines.length < MAX_LINES ? text.indexOf('\n', from) : -1;
    const to = at === -1 ? text.length : at + 1;
    lines.push(text.slice(from, to));
    from = to;
  }
  await pause();
  return { bom, lines };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** How every line ends; undefined for a text of one line. */
function endsOf(lines: readonly string[]): '\n' | '\r\n' | 'mixed' | undefined {
  let ends: '\n' | '\r\n' | undefined;
  for (const line of lines) {
    if (!line.endsWith('\n')) break;
    const end = line.endsWith('\r\n') ? '\r\n' : '\n';
    if (ends !== undefined && end !== ends) return 'mixed';
    ends = end;
  }
  return ends;
}

/** A line as it is compared. */
function plain(line: string, ends: '\n' | '\r\n' | 'mixed'): string {
  return ends !== 'mixed' && line.endsWith('\r\n') ? `${line.slice(0, -2)}\n` : line;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
