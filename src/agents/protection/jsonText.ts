import { type Node, type ParseError, parseTree } from 'jsonc-parser';

/*
 * Changes of JSON with comments that leave every other byte as it is. What is put in is always put last, so that taking
 * it out again gives the text that was there before. jsonc-parser's own edits keep comments too, but do not come back
 * to the same bytes, and put a comment at the end of a line behind what is put in.
 */

const BOM = '\uFEFF';

/** The outermost object of a text; undefined for what is no JSON object (comments and trailing commas are allowed). */
export function rootObject(text: string): Node | undefined {
  const errors: ParseError[] = [];
  // A BOM is one character that is not JSON: the offsets stay what they are.
  const root = parseTree(text.startsWith(BOM) ? ` ${text.slice(1)}` : text, errors, { allowTrailingComma: true });
  return errors.length === 0 && root?.type === 'object' ? root : undefined;
}

/** The value of a field, as the agents read it: of two with one name the last. */
export function field(node: Node | undefined, name: string): Node | undefined {
  return property(node, name)?.children?.[1];
}

export function property(node: Node | undefined, name: string): Node | undefined {
  if (node?.type !== 'object') return undefined;
  return node.children?.findLast((child) => child.children?.[0]?.value === name);
}

/** Puts a value last into an object (with its name) or an array. */
export function putLast(text: string, container: Node, value: unknown, name?: string): string {
  const style = styleOf(text);
  const open = container.offset + 1;
  const base = indentAt(text, container.offset, style);
  const inner = `${base}${style.indent}`;
  const added = render(value, name, style, inner);
  const lead = style.compact ? '' : `${style.eol}${inner}`;
  const last = container.children?.at(-1);
  if (last === undefined) {
    const close = container.offset + container.length - 1;
    // Comments in an empty container stay behind what is put in.
    if (text.slice(open, close).trim() !== '') return splice(text, open, open, `${lead}${added}`);
    return splice(text, open, close, `${lead}${added}${style.compact ? '' : `${style.eol}${base}`}`);
  }
  const end = last.offset + last.length;
  const comma = nextComma(text, end);
  if (comma !== undefined) {
    const at = lineEnd(text, comma + 1);
    return splice(text, at, at, `${lead}${added},`);
  }
  const at = lineEnd(text, end);
  return splice(splice(text, at, at, `${lead}${added}`), end, end, ',');
}

/** Takes a child of an object or an array out, and the comma that it needed. */
export function takeOut(text: string, container: Node, child: Node): string {
  const children = container.children ?? [];
  const index = children.findIndex(({ offset }) => offset === child.offset);
  const open = container.offset + 1;
  const end = child.offset + child.length;
  const comma = nextComma(text, end);
  const to = comma === undefined ? end : comma + 1;
  const from = lineStart(text, child.offset);
  if (children.length === 1) {
    const close = container.offset + container.length - 1;
    const isAlone = `${text.slice(open, from)}${text.slice(to, close)}`.trim() === '';
    return isAlone ? splice(text, open, close, '') : splice(text, from, to, '');
  }
  const before = children[index - 1];
  if (index < children.length - 1 || comma !== undefined || before === undefined) return splice(text, from, to, '');
  const commaBefore = nextComma(text, before.offset + before.length);
  const without = splice(text, from, end, '');
  return commaBefore === undefined ? without : splice(without, commaBefore, commaBefore + 1, '');
}

/** A new document. */
export function newDocument(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

interface Style {
  readonly indent: string;
  readonly eol: string;
  /** All on one line. */
  readonly compact: boolean;
}

function styleOf(text: string): Style {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = /\n([ \t]+)["[{/]/.exec(text)?.[1] ?? '  ';
  const body = text.trim();
  return { indent, eol, compact: !body.includes('\n') && body.replace(BOM, '') !== '{}' };
}

/** The white space that the line of an offset begins with. */
function indentAt(text: string, offset: number, { compact }: Style): string {
  if (compact) return '';
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

function render(value: unknown, name: string | undefined, { compact, indent, eol }: Style, inner: string): string {
  if (compact) return `${name === undefined ? '' : `${JSON.stringify(name)}:`}${JSON.stringify(value)}`;
  const lines = JSON.stringify(value, undefined, indent).split('\n');
  return `${name === undefined ? '' : `${JSON.stringify(name)}: `}${lines.join(`${eol}${inner}`)}`;
}

function splice(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to);
}

/** Where the next comma stands, if nothing but white space and comments comes before it. */
function nextComma(text: string, from: number): number | undefined {
  const gap = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  gap.lastIndex = from;
  gap.exec(text);
  return text[gap.lastIndex] === ',' ? gap.lastIndex : undefined;
}

/** Behind the comments that follow on the same line; `from` itself where there are none. */
function lineEnd(text: string, from: number): number {
  const rest = /[ \t]*(?:\/\*[^\n]*?\*\/[ \t]*)*(?:\/\/[^\r\n]*)?/y;
  rest.lastIndex = from;
  const found = rest.exec(text)?.[0] ?? '';
  return from + found.trimEnd().length + (found.includes('//') ? found.length - found.trimEnd().length : 0);
}

/** Where the line break before an offset begins, if only white space is between. */
function lineStart(text: string, offset: number): number {
  return offset - (/(?:\r?\n)?[ \t]*$/.exec(text.slice(0, offset))?.[0].length ?? 0);
}
