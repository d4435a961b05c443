/** The same small turn for every agent: a prompt, a read, an edit, an answer. `at` is ISO, `second` seconds later each. */
export const SAYS = {
  prompt: 'Make the greeting polite',
  plan: 'I look at it first',
  content: "export const hello = 'Hello';\n",
  edit: { old: 'Hello', new: 'Good day' },
  done: 'It is polite now',
} as const;

export function at(second: number): string {
  return new Date(Date.UTC(2026, 10, 20, 10, 0, second)).toISOString();
}

/** A UUID that says which session (`number`) and which of its records it is. */
export function uuid(number: number, record = 0): string {
  const digits = (value: number, length: number): string => value.toString(16).padStart(length, '0');
  return `${digits(number, 8)}-0000-4000-8000-${digits(record, 12)}`;
}

/** JSON lines. */
export function lines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** A text of lines with one line changed (`change`), or taken out (undefined), where `which` says so. */
export function changeLine(
  text: string,
  which: (line: { readonly [field: string]: unknown }, index: number) => boolean,
  change: ((line: Record<string, unknown>) => object) | undefined,
): string {
  const parsed = text
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  const index = parsed.findIndex(which);
  return lines(
    parsed.flatMap((line, at) => (at !== index ? [line] : change === undefined ? [] : [change(structuredClone(line))])),
  );
}

/** The object without one field. */
export function without(field: string): (line: Record<string, unknown>) => object {
  return ({ [field]: _, ...rest }) => rest;
}
