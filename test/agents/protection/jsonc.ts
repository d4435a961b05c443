import fc from 'fast-check';

/** Lines end so, and fields stand that far in; `compact` is all on one line. */
interface Style {
  readonly eol: string;
  readonly indent: string;
  readonly compact: boolean;
  /** Commas behind the last, comments, blank lines: as people write settings. */
  readonly loose: boolean;
}

const EVENTS = ['PreToolUse', 'PostToolUse', 'Stop', 'Other', 'preToolUse'];
const NOTES = ['', ' // mine', ' /* "hooks": { } */', ' // a, b // c'];

const name = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('permissions', 'model', '__proto__', 'a"b', 'größe'),
);
const leaf = fc.oneof(
  fc.boolean(),
  fc.integer(),
  fc.string(),
  fc.constant(null),
  fc.constantFrom('//', '/* */', ',', '}'),
);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(name, tie('value')), { minLength: 1, maxLength: 3 }).map((fields) => new Fields(fields)),
  ),
})).value;

/** Somebody else's hook. */
const theirs = fc.record({
  matcher: fc.string({ maxLength: 5 }),
  hooks: fc.constant([{ type: 'command', command: 'npm test' }]),
});
const hooks = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...EVENTS), fc.array(theirs, { minLength: 1, maxLength: 2 })), {
    selector: ([event]) => event,
    minLength: 1,
    maxLength: 3,
  })
  .map((lists) => new Fields(lists));

const style: fc.Arbitrary<Style> = fc.record({
  eol: fc.constantFrom('\n', '\r\n'),
  indent: fc.constantFrom('  ', '\t', '    '),
  compact: fc.boolean(),
  loose: fc.boolean(),
});

/** An object as a list of fields: names may be `__proto__`, and stand in any order. */
class Fields {
  readonly fields: readonly (readonly [string, unknown])[];
  constructor(fields: readonly (readonly [string, unknown])[]) {
    this.fields = fields;
  }
}

/** Any settings file with something in it: comments, trailing commas, a BOM, hooks of others, any shape of the text. */
export const settingsText: fc.Arbitrary<string> = fc
  .record({
    before: fc.array(
      fc.tuple(
        name.filter((each) => each !== 'hooks'),
        value,
      ),
      { maxLength: 3 },
    ),
    hooks: fc.option(hooks, { nil: undefined }),
    after: fc.array(
      fc.tuple(
        name.filter((each) => each !== 'hooks'),
        value,
      ),
      { minLength: 1, maxLength: 3 },
    ),
    style,
    bom: fc.boolean(),
    end: fc.constantFrom('', '\n', '\n\n// end\n'),
    notes: fc.array(fc.constantFrom(...NOTES), { minLength: 3, maxLength: 7 }),
  })
  .map(({ before, hooks: own, after, style: how, bom, end, notes }) => {
    const fields = [...before, ...(own === undefined ? [] : [['hooks', own] as const]), ...after];
    let next = 0;
    const note = () => (how.loose && !how.compact ? (notes[next++ % notes.length] ?? '') : '');
    const text = print(new Fields(fields), how, '', note);
    return `${bom ? '\uFEFF' : ''}${text}${how.compact ? end.slice(0, 1) : end.replaceAll('\n', how.eol)}`;
  });

function print(value: unknown, style: Style, indent: string, note: () => string): string {
  const isFields = value instanceof Fields;
  if (!isFields && (typeof value !== 'object' || value === null)) return JSON.stringify(value);
  const inner = indent + style.indent;
  const items = isFields
    ? value.fields.map(
        ([key, each]) => `${JSON.stringify(key)}:${style.compact ? '' : ' '}${print(each, style, inner, note)}`,
      )
    : Array.isArray(value)
      ? value.map((each) => print(each, style, inner, note))
      : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${print(each, style, inner, note)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (style.compact) return `${open}${items.join(',')}${close}`;
  const lines = items.map((item, index) => {
    const comma = index < items.length - 1 || style.loose ? ',' : '';
    // A comment behind a comma, or before it; a line comment must come last.
    const said = note();
    return `${inner}${item}${said.includes('//') || said === '' ? comma + said : said + comma}`;
  });
  return `${open}${style.eol}${lines.join(style.eol)}${style.eol}${indent}${close}`;
}
