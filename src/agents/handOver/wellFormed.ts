/** JSON readers give up on deeper values (Rust's at 128), and so does what walks through them by the stack. */
const DEEPEST = 100;

/**
 * JSON without halves of characters, which model APIs refuse; what is well-formed already is passed through. Undefined
 * for what nests deeper than agents read.
 */
export function wellFormed(value: unknown): { readonly value: unknown } | undefined {
  let tooDeep = false;
  const walk = (one: unknown, depth: number): unknown => {
    if (typeof one === 'string') return one.isWellFormed() ? one : one.toWellFormed();
    if (typeof one !== 'object' || one === null) return one;
    tooDeep ||= depth >= DEEPEST;
    if (tooDeep) return undefined;
    if (Array.isArray(one)) return one.map((inner) => walk(inner, depth + 1));
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key.toWellFormed(), walk(inner, depth + 1)]));
  };
  const made = walk(value, 0);
  return tooDeep ? undefined : { value: made };
}
