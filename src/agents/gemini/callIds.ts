import { type JsonObject, object, string } from '../shape.ts';

/** A record with an id for each of its calls and results. */
export type CallIds = (record: JsonObject, id: string) => JsonObject;

/**
 * What `/chat save` writes has the API's own parts, where neither calls nor results have ids: a call gets one by its
 * place in its record, a result that of the oldest call of its name. A record that is told anew keeps those it got.
 */
export function createCallIds(): CallIds {
  /** Ids of calls without a result by their names, the oldest first. */
  const open = new Map<string, Set<string>>();
  const given = new Map<string, string>();

  function idFor(place: string, part: JsonObject): string | undefined {
    const known = given.get(place);
    if (known !== undefined) return known;
    const call = object(part['functionCall']);
    const name = string((call ?? object(part['functionResponse']))?.['name']) ?? '';
    const waiting = open.get(name) ?? new Set();
    const [oldest] = waiting;
    const id = call === undefined ? oldest : place;
    if (id === undefined) return undefined;
    if (call === undefined) waiting.delete(id);
    else open.set(name, waiting.add(id));
    given.set(place, id);
    return id;
  }

  function named(field: 'functionCall' | 'functionResponse', part: JsonObject, place: string): JsonObject {
    const id = idFor(place, part);
    return id === undefined ? part : { ...part, [field]: { ...object(part[field]), id } };
  }

  return (record, id) => {
    const field = Array.isArray(record['content']) ? 'content' : 'parts';
    const parts = record[field];
    if (!Array.isArray(parts) || !parts.some((part) => withoutId(part) !== undefined)) return record;
    let calls = 0;
    const numbered = parts.map((part, index) => {
      const missing = withoutId(part);
      if (object(object(part)?.['functionCall']) !== undefined) calls += 1;
      if (missing === undefined) return part;
      return named(missing, part, missing === 'functionCall' ? `${id}-${calls - 1}` : `${id} ${index}`);
    });
    return { ...record, [field]: numbered };
  };
}

function withoutId(part: unknown): 'functionCall' | 'functionResponse' | undefined {
  for (const field of ['functionCall', 'functionResponse'] as const) {
    const value = object(object(part)?.[field]);
    if (value !== undefined) return string(value['id']) ? undefined : field;
  }
  return undefined;
}
