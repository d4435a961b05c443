/**
 * What comparing the tools of two requests may cost: about 20 ms altogether, since it is done in one go. The tools of
 * a few dozen servers have some ten thousand values; a schema made to be slow has any number, and refers to itself.
 */
const MAX_VALUES = 40_000;
/** The canonical form is made recursively. Schemas that people write are nested less than 20 deep. */
const MAX_DEPTH = 200;
/** A text, or a key, costs as much as a value for each so many characters. */
export const CHARACTERS = 256;

export interface Budget {
  /** Values that may still be looked at; below 0 nothing more is compared. */
  left: number;
}

export function createBudget(): Budget {
  return { left: MAX_VALUES };
}

/** Takes the cost of looking at a JSON value once, members of `except` left out; false where it is too deep, or the budget is used up. */
export function spend(budget: Budget, value: unknown, except: ReadonlySet<string> = new Set()): boolean {
  // Own stack: the nesting comes from outside.
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value: at, depth } = next;
    budget.left -= 1;
    if (typeof at === 'string') budget.left -= Math.floor(at.length / CHARACTERS);
    if (depth > MAX_DEPTH || budget.left < 0) return false;
    if (typeof at !== 'object' || at === null) continue;
    for (const key in at) {
      if (!Object.hasOwn(at, key) || (depth === 0 && except.has(key))) continue;
      budget.left -= Math.floor(key.length / CHARACTERS);
      pending.push({ value: (at as Record<string, unknown>)[key], depth: depth + 1 });
      // A list of a million is not put aside before it is counted.
      if (pending.length > budget.left) return false;
    }
  }
  return true;
}
