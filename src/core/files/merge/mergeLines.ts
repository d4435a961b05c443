import { diff3Merge } from 'node-diff3';

/** The lines of three versions by number: equal lines have equal numbers, counted from 0. */
export interface Lines {
  readonly base: readonly number[];
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export type MergedLines =
  | { readonly kind: 'merged'; readonly lines: readonly number[] }
  | { readonly kind: 'overlap' }
  /** Both sides changed a stretch that would take longer than a merge may hold the event loop. */
  | { readonly kind: 'too-costly' };

/** What node-diff3 may cost, in steps of its search for common lines: 4 M are about 6 ms. */
const MAX_STEPS = 4_000_000;

/**
 * Merges line by line. node-diff3's search is quadratic in the lines, and cubic in equal ones, so it is only asked
 * about stretches that both sides changed; they lie between lines that all three versions hold once, in one order.
 * Such a line keeps changes on its two sides from touching, so that cutting there changes no answer.
 */
export async function mergeLines(lines: Lines, pause: () => Promise<void> | undefined): Promise<MergedLines> {
  const quick = mergeApart(lines);
  if (quick !== undefined) return { kind: 'merged', lines: quick };
  const merged: number[] = [];
  let from = { base: 0, ours: 0, theirs: 0 };
  for (const to of [...(await findAnchors(lines, pause)), endsOf(lines)]) {
    const part = mergePart({
      base: lines.base.slice(from.base, to.base),
      ours: lines.ours.slice(from.ours, to.ours),
      theirs: lines.theirs.slice(from.theirs, to.theirs),
    });
    if (part.kind !== 'merged') return part;
    for (const line of part.lines) merged.push(line);
    const anchor = lines.base[to.base];
    if (anchor !== undefined) merged.push(anchor);
    from = { base: to.base + 1, ours: to.ours + 1, theirs: to.theirs + 1 };
    await pause();
  }
  return { kind: 'merged', lines: merged };
}

function mergePart(part: Lines): MergedLines {
  const quick = mergeApart(part);
  if (quick !== undefined) return { kind: 'merged', lines: quick };
  if (steps(part.base, part.ours) + steps(part.base, part.theirs) > MAX_STEPS) return { kind: 'too-costly' };
  const merged: number[] = [];
  for (const { ok } of diff3Merge([...part.ours], [...part.base], [...part.theirs])) {
    if (ok === undefined) return { kind: 'overlap' };
    merged.push(...ok);
  }
  return { kind: 'merged', lines: merged };
}

/** The most that node-diff3 does to find the common lines of two versions: pairs of equal lines by candidates. */
function steps(a: readonly number[], b: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1);
  let pairs = 0;
  for (const line of b) pairs += counts.get(line) ?? 0;
  return pairs * Math.min(a.length, b.length);
}

/** Where the first and the last change of a version are: `base[from, to)` became `version[from, end)`. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** The merge where at most one side changed anything, both the same, or each in a stretch of its own; else undefined. */
function mergeApart({ base, ours, theirs }: Lines): readonly number[] | undefined {
  const our = changeOf(base, ours);
  const their = changeOf(base, theirs);
  if (our === undefined) return theirs;
  if (their === undefined) return ours;
  if (our.to < their.from)
    return [...ours.slice(0, our.end), ...base.slice(our.to, their.from), ...theirs.slice(their.from)];
  if (their.to < our.from)
    return [...theirs.slice(0, their.end), ...base.slice(their.to, our.from), ...ours.slice(our.from)];
  return changeOf(ours, theirs) === undefined ? ours : undefined;
}

function changeOf(base: readonly number[], version: readonly number[]): Change | undefined {
  const shorter = Math.min(base.length, version.length);
  let from = 0;
  while (from < shorter && base[from] === version[from]) from++;
  if (from === base.length && from === version.length) return undefined;
  let kept = 0;
  while (kept < shorter - from && base[base.length - 1 - kept] === version[version.length - 1 - kept]) kept++;
  return { from, to: base.length - kept, end: version.length - kept };
}

interface Place {
  readonly base: number;
  readonly ours: number;
  readonly theirs: number;
}

function endsOf({ base, ours, theirs }: Lines): Place {
  return { base: base.length, ours: ours.length, theirs: theirs.length };
}

/** Lines that each version holds once, and that keep their order in each: in neither side are they part of a change. */
async function findAnchors(lines: Lines, pause: () => Promise<void> | undefined): Promise<readonly Place[]> {
  const ours = placesOf(lines.ours);
  await pause();
  const theirs = placesOf(lines.theirs);
  await pause();
  const found: Place[] = [];
  for (const [line, base] of placesOf(lines.base)) {
    const our = ours.get(line) ?? REPEATED;
    const their = theirs.get(line) ?? REPEATED;
    if (base !== REPEATED && our !== REPEATED && their !== REPEATED) found.push({ base, ours: our, theirs: their });
  }
  await pause();
  const inOurs = longestRising(found.map((place) => place.ours));
  await pause();
  const inTheirs = longestRising(found.map((place) => place.theirs));
  await pause();
  return found.filter((_, index) => inOurs.has(index) && inTheirs.has(index));
}

const REPEATED = -1;

/** Line to its index, in the order of the first occurrences. */
function placesOf(lines: readonly number[]): Map<number, number> {
  const places = new Map<number, number>();
  for (const [index, line] of lines.entries()) places.set(line, places.has(line) ? REPEATED : index);
  return places;
}

/** The indexes of a longest subsequence that rises (patience sorting). */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  /** For each length the index of the smallest last value so far. */
  const lasts: number[] = [];
  const before: number[] = [];
  for (const [index, value] of values.entries()) {
    let low = 0;
    let high = lasts.length;
    // Most values follow on the one before.
    if (high > 0 && (values[lasts[high - 1] as number] as number) < value) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[lasts[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    before.push(lasts[low - 1] ?? -1);
    lasts[low] = index;
  }
  const rising = new Set<number>();
  for (let index = lasts.at(-1) ?? -1; index !== -1; index = before[index] as number) rising.add(index);
  return rising;
}
