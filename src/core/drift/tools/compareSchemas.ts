import { isDeepStrictEqual } from 'node:util';
import { sameJson } from '../canonical.ts';
import type { DriftEffect, ParameterChange } from '../report.ts';
import { type Budget, spend } from './budget.ts';
import { compareKeywords } from './compareKeywords.ts';
import { compareText } from './toolHash.ts';

export type Schema = Readonly<Record<string, unknown>>;

interface Walk {
  readonly savedRoot: Schema;
  readonly nowRoot: Schema;
  readonly changes: ParameterChange[];
}

/**
 * The differences between two input schemas (JSON Schema), by parameter, judged for a caller whose calls fitted the
 * saved one. Properties, required, types, enums, bounds, items and local references are understood; any other
 * constraint that differs counts as breaking. A renamed parameter is one removed and one added.
 *
 * Undefined where that would take more than is left of `budget`: references inside a schema can multiply without end.
 */
export function compareSchemas(saved: unknown, now: unknown, budget: Budget): readonly ParameterChange[] | undefined {
  const before = budget.left;
  if (!spend(budget, saved) || !spend(budget, now)) return undefined;
  if (isDeepStrictEqual(saved, now)) {
    // Most schemas did not change, and seeing that takes a fraction of the time of comparing them.
    budget.left += Math.floor((before - budget.left) * 0.8);
    return [];
  }
  if (sameJson(saved, now)) return [];
  const walk: Walk = { savedRoot: asSchema(saved), nowRoot: asSchema(now), changes: [] };
  // Own stack: the nesting comes from outside.
  const pending: Pair[] = [{ path: '', saved: walk.savedRoot, now: walk.nowRoot, savedRefs: [], nowRefs: [] }];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const below = comparePair(walk, pair, budget);
    if (below === undefined) return undefined;
    pending.push(...below);
  }
  return walk.changes.sort((a, b) => compareText(a.parameter, b.parameter) || compareText(a.change, b.change));
}

interface Pair {
  readonly path: string;
  readonly saved: Schema;
  readonly now: Schema;
  /** References that led here, so that a schema which contains itself ends. */
  readonly savedRefs: readonly string[];
  readonly nowRefs: readonly string[];
}

/** What is compared pair by pair, each at its own cost. */
const BELOW: ReadonlySet<string> = new Set(['properties', 'items', '$defs', 'definitions']);
const BELOW_TUPLE: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

/** A sub-schema that is referred to from many places is looked at as often. */
function spendOwn(budget: Budget, schema: Schema): boolean {
  return spend(budget, schema, Array.isArray(own(schema, 'items')) ? BELOW_TUPLE : BELOW);
}

/** Records the differences of one pair and returns the pairs below it; undefined where the budget is used up. */
function comparePair(walk: Walk, pair: Pair, budget: Budget): readonly Pair[] | undefined {
  const saved = resolve(pair.saved, walk.savedRoot, pair.savedRefs);
  const now = resolve(pair.now, walk.nowRoot, pair.nowRefs);
  if (saved === undefined || now === undefined) {
    // Both turn in the same circle: what is inside was compared on the way in.
    if ((saved === undefined) !== (now === undefined)) walk.changes.push(other(pair, 'breaking'));
    return [];
  }
  if (!spendOwn(budget, saved.schema) || !spendOwn(budget, now.schema)) return undefined;
  walk.changes.push(...compareKeywords(pair.path, saved.schema, now.schema));
  const refs = { savedRefs: saved.refs, nowRefs: now.refs };
  return [
    ...compareProperties(walk, pair.path, saved.schema, now.schema),
    ...compareItems(walk, pair.path, saved.schema, now.schema),
    ...compareRest(walk, pair.path, saved.schema, now.schema),
  ].map((below) => ({ ...below, ...refs }));
}

type Below = Pick<Pair, 'path' | 'saved' | 'now'>;

function compareProperties(walk: Walk, path: string, saved: Schema, now: Schema): readonly Below[] {
  const before = properties(saved);
  const after = properties(now);
  const neededBefore = required(saved);
  const neededAfter = required(now);
  const below: Below[] = [];
  for (const [name, schema] of before) {
    const parameter = join(path, name);
    const next = after.get(name);
    if (next === undefined) {
      walk.changes.push({ parameter, change: 'removed', effect: 'breaking', saved: schema });
      continue;
    }
    if (!neededBefore.has(name) && neededAfter.has(name)) {
      walk.changes.push({ parameter, change: 'required', effect: 'breaking', saved: false, now: true });
    } else if (neededBefore.has(name) && !neededAfter.has(name)) {
      walk.changes.push({ parameter, change: 'optional', effect: 'compatible', saved: true, now: false });
    }
    below.push({ path: parameter, saved: asSchema(schema), now: asSchema(next) });
  }
  for (const [name, schema] of after) {
    if (before.has(name)) continue;
    const effect = neededAfter.has(name) && !neededBefore.has(name) ? 'breaking' : 'compatible';
    walk.changes.push({ parameter: join(path, name), change: 'added', effect, now: schema });
  }
  for (const name of neededAfter) {
    if (neededBefore.has(name) || before.has(name) || after.has(name)) continue;
    walk.changes.push({ parameter: join(path, name), change: 'required', effect: 'breaking', saved: false, now: true });
  }
  return below;
}

function compareItems(walk: Walk, path: string, saved: Schema, now: Schema): readonly Below[] {
  const before = own(saved, 'items');
  const after = own(now, 'items');
  if (before === undefined && after === undefined) return [];
  if (Array.isArray(before) || Array.isArray(after)) {
    // Tuples of the older drafts: compared as a whole.
    if (!sameJson(before, after)) {
      walk.changes.push({ parameter: `${path}[]`, change: 'other', effect: 'breaking', saved: before, now: after });
    }
    return [];
  }
  return [{ path: `${path}[]`, saved: asSchema(before), now: asSchema(after) }];
}

/** `additionalProperties`: properties that the schema does not name. */
function compareRest(walk: Walk, path: string, saved: Schema, now: Schema): readonly Below[] {
  const before = own(saved, 'additionalProperties') ?? true;
  const after = own(now, 'additionalProperties') ?? true;
  if (sameJson(before, after)) return [];
  const parameter = join(path, '*');
  if (before === false || after === false) {
    const effect = after === false ? 'breaking' : 'compatible';
    walk.changes.push({ parameter, change: 'other', effect, saved: before !== false, now: after !== false });
    return [];
  }
  return [{ path: parameter, saved: asSchema(before), now: asSchema(after) }];
}

/** Follows local references (`#/$defs/x`). Undefined where they run in a circle; a reference that leads nowhere is kept as it is. */
function resolve(
  schema: Schema,
  root: Schema,
  refs: readonly string[],
): { readonly schema: Schema; readonly refs: readonly string[] } | undefined {
  const path = [...refs];
  let current = schema;
  for (let ref = own(current, '$ref'); typeof ref === 'string' && ref.startsWith('#'); ref = own(current, '$ref')) {
    if (path.includes(ref)) return undefined;
    path.push(ref);
    const target = pointed(root, ref);
    if (target === undefined) return { schema: current, refs: path };
    const { $ref: _, ...beside } = current;
    current = { ...target, ...beside };
  }
  return { schema: current, refs: path };
}

function pointed(root: Schema, ref: string): Schema | undefined {
  let at: unknown = root;
  for (const step of ref.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = own(at as Schema, step.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return typeof at === 'object' && at !== null && !Array.isArray(at) ? (at as Schema) : undefined;
}

function other(pair: Pair, effect: DriftEffect): ParameterChange {
  return { parameter: pair.path, change: 'other', effect, saved: pair.saved, now: pair.now };
}

function properties(schema: Schema): ReadonlyMap<string, unknown> {
  const found = own(schema, 'properties');
  return new Map(typeof found === 'object' && found !== null ? Object.entries(found) : []);
}

function required(schema: Schema): ReadonlySet<string> {
  const found = own(schema, 'required');
  return new Set(Array.isArray(found) ? found.filter((name) => typeof name === 'string') : []);
}

/** `true` and anything that is no schema allow everything; `false` allows nothing. */
function asSchema(value: unknown): Schema {
  if (value === false) return { not: {} };
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

/** Keys come from outside: `constructor` must not find a prototype's. */
function own(schema: Schema, key: string): unknown {
  return Object.hasOwn(schema, key) ? schema[key] : undefined;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
