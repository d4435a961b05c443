import { createPacer } from '../../files/pacer.ts';
import type { Problem } from '../../session/problem.ts';
import { readCacheEntry, SCHEMA, type SnapshotBody, snapshotBody } from '../../session/snapshot.ts';

export interface CheckedBody {
  /** Absent where the document is no session. */
  readonly body?: SnapshotBody;
  /** Fields are missing from `body`, or the schema is newer: writing it back would lose something. */
  readonly readOnly: boolean;
  readonly problems: readonly Problem[];
}

/**
 * The fields of a session from parsed JSON, history apart. Unknown fields stay. A field of a wrong type is left out
 * and makes the document read-only; a null stands for "absent". Where it does not say when it was created, its file's
 * `mtimeMs` stands for that.
 */
export function checkBody(value: unknown, mtimeMs: number): CheckedBody {
  return check(value, mtimeMs, (body) => snapshotBody.safeParse(body));
}

/** The same of a body that may have read many files: 10,000 take 30 to 60 ms, and others run meanwhile. */
export async function checkBodyInSlices(value: unknown, mtimeMs: number): Promise<CheckedBody> {
  const checked = await hasGoodReadCache(value);
  return check(value, mtimeMs, (body) =>
    snapshotBody.safeParse(checked && 'read_cache' in body ? { ...body, read_cache: {} } : body),
  );
}

/** False also where there is none; what is wrong with it the whole check says. */
async function hasGoodReadCache(value: unknown): Promise<boolean> {
  const entries = typeof value === 'object' && value !== null && 'read_cache' in value ? value.read_cache : undefined;
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) return false;
  const pause = createPacer();
  for (const entry of Object.values(entries)) {
    if (!readCacheEntry.safeParse(entry).success) return false;
    await pause();
  }
  return true;
}

function check(
  value: unknown,
  mtimeMs: number,
  parse: (body: object) => ReturnType<typeof snapshotBody.safeParse>,
): CheckedBody {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { readOnly: true, problems: [{ code: 'bad-shape' }] };
  }
  let body: object = 'created_at' in value ? value : { ...value, created_at: new Date(mtimeMs).toISOString() };
  const problems: Problem[] = [];
  let readOnly = false;
  for (let round = 0; round < 64; round++) {
    const result = parse(body);
    if (result.success) break;
    for (const { path, message } of result.error.issues) {
      const [field, inner] = path.map(String);
      if (field === undefined || field === 'session_id') {
        return { readOnly: true, problems: [...problems, { code: 'bad-shape', detail: field ?? message }] };
      }
      const held = Object.entries(body).find(([key]) => key === field)?.[1];
      if (inner !== undefined && isNullAt(held, inner)) {
        body = { ...body, [field]: Object.fromEntries(Object.entries(held).filter(([key]) => key !== inner)) };
        continue;
      }
      if (held !== null && held !== undefined) {
        readOnly = true;
        problems.push({ code: 'bad-shape', detail: path.join('.') });
      }
      body = Object.fromEntries(Object.entries(body).filter(([key]) => key !== field));
      if (field === 'created_at') body = { ...body, created_at: new Date(mtimeMs).toISOString() };
    }
  }
  const schema: unknown = 'schema' in body ? body.schema : undefined;
  if (typeof schema === 'string' && schema !== SCHEMA) {
    readOnly = true;
    const newer = /^holdfast\/\d+$/.test(schema);
    problems.push({ code: newer ? 'newer-schema' : 'bad-shape', detail: schema.slice(0, 100) });
  }
  // The schema was just checked; the object itself is kept, since a copy might lose unknown fields.
  return { body: body as SnapshotBody, readOnly, problems };
}

function isNullAt(held: unknown, key: string): held is Record<string, unknown> {
  return typeof held === 'object' && held !== null && !Array.isArray(held) && Object.hasOwn(held, key)
    ? Object.entries(held).some(([name, value]) => name === key && value === null)
    : false;
}

/** Parses JSON, or says why not. */
export function parseJson(text: string): { readonly value: unknown } | { readonly problem: Problem } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: { code: 'bad-json', detail: error instanceof Error ? error.message.slice(0, 200) : '' } };
  }
}
