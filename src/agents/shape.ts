/** Narrowing of JSON whose shape nobody promises: each answers undefined (or nothing) for anything else. */
export type JsonObject = { readonly [field: string]: unknown };

export function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A string that says something. */
export function words(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A count of something; what is not a non-negative number, or cannot be summed up, counts as 0. */
export function count(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : 0;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects in a list; what else stands in it is left out. */
export function objects(value: unknown): readonly JsonObject[] {
  return list(value).filter((one) => object(one) !== undefined) as readonly JsonObject[];
}

/** As every agent writes it; `Date.parse` takes ten times as long, and there is a time on every line. */
const USUAL_TIME = /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T[0-2]\d:[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;

/** ISO 8601; anything that is no time is dropped. */
export function time(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return USUAL_TIME.test(value) || !Number.isNaN(Date.parse(value)) ? value : undefined;
}

/** ISO 8601 of ms since the epoch; anything that is no time is dropped. */
export function isoTime(value: unknown): string | undefined {
  const ms = number(value);
  return ms === undefined || ms <= 0 || ms > 8.64e15 ? undefined : new Date(ms).toISOString();
}

/** `{ [key]: value }`, or nothing where the value is undefined: for optional fields under exact types. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

/** The JSON object of a text, for those who look and do not report: a reader tells every bad line with its number. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Compact JSON; '' for what nests too deep for that. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}

/** The arguments of a call, which models write as JSON text; what is no JSON is what the model wrote, and stays as it is. */
export function argumentsIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
