import { type JsonObject, list, number, object } from '../shape.ts';

/** Which requests an entry of the log changed: those from `from` on, up to `to`; nothing where it changed other fields. */
export interface Changed {
  readonly from: number;
  /** Exclusive; Infinity: all that follow, and how many there are. */
  readonly to: number;
}

/** The object that a mutation log describes (FORMATS 4A), as far as it was replayed. */
export interface Replay {
  /** Applies an entry. Undefined, and nothing done, where it does not fit what is there. */
  apply(entry: JsonObject): Changed | undefined;
  field(name: string): unknown;
  requests(): readonly unknown[];
}

const [INITIAL, SET, PUSH, DELETE] = [0, 1, 2, 3];
const ALL: Changed = { from: 0, to: Number.POSITIVE_INFINITY };
const NONE: Changed = { from: 0, to: 0 };

/**
 * An entry is `{kind: 0, v}` (the whole object), `{kind: 1, k, v}` (a field), `{kind: 2, k, v?, i?}` (elements behind
 * the first `i`, or at the end) or `{kind: 3, k}` (no field). Paths lead through own fields only.
 */
export function createReplay(): Replay {
  let root: JsonObject | undefined;

  function apply(entry: JsonObject): Changed | undefined {
    if (entry['kind'] === INITIAL) {
      const state = object(entry['v']);
      if (state === undefined) return undefined;
      root = state;
      return ALL;
    }
    const path = entry['k'];
    if (root === undefined || !Array.isArray(path) || path.length === 0) return undefined;
    const parent = descend(root, path.slice(0, -1));
    const key: unknown = path.at(-1);
    if (parent === undefined) return undefined;
    switch (entry['kind']) {
      case SET:
        return put(parent, key, entry['v']) ? changedBy(path) : undefined;
      case DELETE:
        return put(parent, key, undefined) ? changedBy(path) : undefined;
      case PUSH:
        return push(parent, key, entry, path);
      default:
        return undefined;
    }
  }

  return {
    apply,
    field: (name) => own(root, name),
    requests: () => list(own(root, 'requests')),
  };
}

function changedBy(path: readonly unknown[]): Changed {
  if (path[0] !== 'requests') return NONE;
  const index = path[1];
  return typeof index === 'number' ? { from: index, to: index + 1 } : ALL;
}

function own(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return isIndex(value, key) && key < value.length ? value[key] : undefined;
  const found = object(value);
  return typeof key === 'string' && found !== undefined && Object.hasOwn(found, key) ? found[key] : undefined;
}

function isIndex(array: readonly unknown[], key: unknown): key is number {
  return typeof key === 'number' && Number.isInteger(key) && key >= 0 && key <= array.length;
}

function descend(root: JsonObject, path: readonly unknown[]): unknown {
  let value: unknown = root;
  for (const key of path) value = own(value, key);
  return value;
}

/** False where `parent` has no such place. An array grows by one at most: a far index would be millions of holes. */
function put(parent: unknown, key: unknown, value: unknown): boolean {
  if (Array.isArray(parent)) {
    if (!isIndex(parent, key)) return false;
    parent[key] = value;
    return true;
  }
  const target = object(parent);
  if (target === undefined || typeof key !== 'string') return false;
  // As a field of its own: an assignment to `__proto__` would be something else.
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  return true;
}

function push(parent: unknown, key: unknown, entry: JsonObject, path: readonly unknown[]): Changed | undefined {
  const before = own(parent, key);
  const array: unknown[] = Array.isArray(before) ? before : [];
  if (before !== undefined && before !== null && array !== before) return undefined;
  const keep = entry['i'] === undefined ? array.length : number(entry['i']);
  if (keep === undefined || !isIndex(array, keep)) return undefined;
  if (array !== before && !put(parent, key, array)) return undefined;
  array.length = keep;
  for (const value of list(entry['v'])) array.push(value);
  return path.length === 1 && key === 'requests' ? { from: keep, to: Number.POSITIVE_INFINITY } : changedBy(path);
}
