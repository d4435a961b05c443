import { canonicalJson, copyJson, sameJson } from '../canonical.ts';
import type { DriftEffect, ParameterChange } from '../report.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Words for the model; a call is judged without them. */
const WORDS = new Set(['title', 'description', 'markdownDescription', 'examples', 'example', '$comment', 'deprecated']);
/** Annotations that no call can fail on. */
const ANNOTATIONS = new Set(['default', '$schema', '$id', '$anchor', '$defs', 'definitions', 'readOnly', 'writeOnly']);
/** Compared elsewhere, one by one. */
const WALKED = new Set(['properties', 'required', 'items', 'additionalProperties', '$ref']);
const LOWER_BOUNDS = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
const UPPER_BOUNDS = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

/** The differences between two schemas of one parameter, apart from what is nested in them. */
export function compareKeywords(parameter: string, savedSchema: Schema, nowSchema: Schema): readonly ParameterChange[] {
  const saved = simplified(savedSchema);
  const now = simplified(nowSchema);
  const changes: ParameterChange[] = [];
  const add = (change: ParameterChange['change'], effect: DriftEffect, was: unknown, is: unknown): void => {
    changes.push({ parameter, change, effect, saved: was, now: is });
  };
  if (!sameSet(saved.types, now.types)) {
    add('type', accepts(saved.types, now.types) ? 'compatible' : 'breaking', written(saved.types), written(now.types));
  }
  if (!sameSet(saved.values, now.values)) {
    const narrowed = now.values !== undefined && (saved.values === undefined || !within(saved.values, now.values));
    add('other', narrowed ? 'breaking' : 'compatible', listed(saved.values), listed(now.values));
  }
  if (!sameSet(saved.alternatives, now.alternatives)) {
    const narrowed =
      now.alternatives !== undefined &&
      (saved.alternatives === undefined || !within(saved.alternatives, now.alternatives));
    add('other', narrowed ? 'breaking' : 'compatible', listed(saved.alternatives), listed(now.alternatives));
  } else if (saved.said !== undefined && now.said !== undefined && !sameSet(saved.said, now.said)) {
    add('other', 'text', listed(saved.said), listed(now.said));
  }
  for (const key of new Set([...saved.rest.keys(), ...now.rest.keys()])) {
    const was = saved.rest.get(key);
    const is = now.rest.get(key);
    if (!sameJson(was, is))
      changes.push({ parameter, change: 'other', keyword: key, effect: effectOf(key, was, is), saved: was, now: is });
  }
  return changes;
}

/** A copy of a schema in which nothing but words is missing, at any depth. */
function withoutWords(schema: unknown): unknown {
  // A property that is named `title` is a schema, not a text.
  return copyJson(schema, { keep: (key, value) => !(WORDS.has(key) && typeof value === 'string') });
}

function effectOf(key: string, saved: unknown, now: unknown): DriftEffect {
  if (WORDS.has(key)) return 'text';
  if (ANNOTATIONS.has(key) || key.startsWith('x-')) return 'compatible';
  if (now === undefined) return 'compatible';
  if (typeof saved === 'number' && typeof now === 'number') {
    if (LOWER_BOUNDS.has(key)) return now > saved ? 'breaking' : 'compatible';
    if (UPPER_BOUNDS.has(key)) return now < saved ? 'breaking' : 'compatible';
  }
  return 'breaking';
}

interface Simplified {
  /** Absent: any type. */
  readonly types: ReadonlySet<string> | undefined;
  /** Canonical JSON of each value of `enum` or `const`; absent: any value. */
  readonly values: ReadonlySet<string> | undefined;
  /** Canonical JSON of each alternative of `anyOf` / `oneOf` that says more than a type. */
  readonly alternatives: ReadonlySet<string> | undefined;
  /** Canonical JSON of each alternative as it is written, with its words. */
  readonly said: ReadonlySet<string> | undefined;
  readonly rest: ReadonlyMap<string, unknown>;
}

/** `anyOf: [{ type: 'string' }, { type: 'null' }]` and `type: ['string', 'null']` are one thing, and so are `const` and an `enum` of one. */
function simplified(schema: Schema): Simplified {
  let types: ReadonlySet<string> | undefined;
  let values: ReadonlySet<string> | undefined;
  let alternatives: ReadonlySet<string> | undefined;
  let said: ReadonlySet<string> | undefined;
  const rest = new Map<string, unknown>();
  for (const [key, value] of Object.entries(schema)) {
    if (WALKED.has(key) || key === '$defs' || key === 'definitions') continue;
    if (key === 'type' && (typeof value === 'string' || Array.isArray(value))) {
      types = new Set([value].flat().map(String));
    } else if (key === 'enum' && Array.isArray(value)) {
      values = new Set(value.map(canonicalJson));
    } else if (key === 'const') {
      values = new Set([canonicalJson(value)]);
    } else if ((key === 'anyOf' || key === 'oneOf') && Array.isArray(value)) {
      said = new Set([...(said ?? []), ...value.map(canonicalJson)]);
      const plain = value.map(plainType);
      if (types === undefined && plain.every((type) => type !== undefined)) types = new Set(plain);
      else alternatives = new Set([...(alternatives ?? []), ...value.map((item) => canonicalJson(withoutWords(item)))]);
    } else {
      rest.set(key, value);
    }
  }
  return { types, values, alternatives, said, rest };
}

function plainType(alternative: unknown): string | undefined {
  const said = withoutWords(alternative);
  if (typeof said !== 'object' || said === null) return undefined;
  const entries = Object.entries(said);
  const [key, value] = entries[0] ?? [];
  return entries.length === 1 && key === 'type' && typeof value === 'string' ? value : undefined;
}

function accepts(saved: ReadonlySet<string> | undefined, now: ReadonlySet<string> | undefined): boolean {
  if (now === undefined) return true;
  if (saved === undefined) return false;
  return [...saved].every((type) => now.has(type) || (type === 'integer' && now.has('number')));
}

function within(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return [...inner].every((item) => outer.has(item));
}

function sameSet(left: ReadonlySet<string> | undefined, right: ReadonlySet<string> | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.size === right.size && within(left, right);
}

function written(types: ReadonlySet<string> | undefined): unknown {
  return types === undefined ? undefined : types.size === 1 ? [...types][0] : [...types];
}

function listed(values: ReadonlySet<string> | undefined): unknown {
  return values === undefined ? undefined : [...values].map((value) => JSON.parse(value));
}
