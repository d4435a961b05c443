import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * The canonical JSON (RFC 8785) of a JSON value: equal values have equal texts, whatever the order of their keys.
 *
 * RFC 8785 refuses lone surrogates, but JSON from outside may hold them (`"\ud800"`); they are written as their
 * escapes, so that such a value can still be compared. Never throws on anything that JSON.parse can return.
 */
export function canonicalJson(value: unknown): string {
  try {
    return canonicalize(value) ?? 'null';
  } catch {
    // The only refusal that parsed JSON can cause.
    return canonicalize(copyJson(value, { text: escapeLone })) ?? 'null';
  }
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  // A text of any length, or a list, is not written down to see that it is no number.
  return isObject(left) && isObject(right) && canonicalJson(left) === canonicalJson(right);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * A copy of a JSON value with every string (keys too) rewritten and every member left out that `keep` refuses. It has a
 * stack of its own: what comes from outside may be nested deeper than ours.
 */
export function copyJson(
  value: unknown,
  rewrite: { readonly text?: (text: string) => string; readonly keep?: (key: string, value: unknown) => boolean },
): unknown {
  const { text = (same) => same, keep = () => true } = rewrite;
  let root: unknown;
  const pending: { readonly from: unknown; readonly put: (copy: unknown) => void }[] = [
    {
      from: value,
      put: (copy) => {
        root = copy;
      },
    },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { from, put } = next;
    if (typeof from === 'string') {
      put(text(from));
    } else if (Array.isArray(from)) {
      const copy: unknown[] = new Array(from.length).fill(null);
      put(copy);
      from.forEach((item, index) => {
        pending.push({
          from: item,
          put: (made) => {
            copy[index] = made;
          },
        });
      });
    } else if (typeof from === 'object' && from !== null) {
      // Without a prototype, so that a `__proto__` from outside is a key like any other.
      const copy: Record<string, unknown> = Object.create(null);
      put(copy);
      for (const [key, item] of Object.entries(from)) {
        if (!keep(key, item)) continue;
        pending.push({
          from: item,
          put: (made) => {
            copy[text(key)] = made;
          },
        });
      }
    } else {
      put(from);
    }
  }
  return root;
}

function escapeLone(text: string): string {
  return text.isWellFormed()
    ? text
    : text.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
