import { type JsonObject, number, object, optional, string } from '../../shape.ts';
import type { NativeCall, NeutralCall } from '../neutralCall.ts';

/** A tool by the names of its parameters; `kind` is what it does. */
export type ToolFields =
  | {
      readonly kind: 'read';
      readonly path: string;
      /** First line, counted from `base`, and how many lines. */
      readonly window?: { readonly offset: string; readonly limit: string; readonly base: 0 | 1 };
      /** First and last line, from 1. */
      readonly range?: { readonly first: string; readonly last: string };
    }
  | {
      readonly kind: 'edit';
      readonly path: string;
      readonly before: string;
      readonly after: string;
      readonly all?: string;
    }
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  | { readonly kind: 'shell'; readonly command: string; readonly cwd?: string };

/** Parameters that change nothing about what a call does. */
const WORDS = new Set(['description', 'explanation', 'instruction', 'timeout', 'goal', 'security_risk']);

/**
 * The call that an input stands for. Undefined where a parameter is missing or of another type, or one is given that
 * the table does not know: then the call says more than the neutral one could.
 */
export function neutralCall(tool: ToolFields, value: unknown): NeutralCall | undefined {
  const input = object(value);
  if (input === undefined) return undefined;
  const known = new Set([...fieldsOf(tool), ...WORDS]);
  const says = (given: unknown): boolean => given !== undefined && given !== null && given !== false;
  if (Object.entries(input).some(([field, given]) => !known.has(field) && says(given))) return undefined;
  switch (tool.kind) {
    case 'read':
      return readCall(tool, input);
    case 'edit': {
      const [path, before, after] = [string(input[tool.path]), string(input[tool.before]), string(input[tool.after])];
      if (path === undefined || before === undefined || after === undefined) return undefined;
      const all = tool.all !== undefined && input[tool.all] === true;
      return { kind: 'edit', path, before, after, ...(all ? { all } : {}) };
    }
    case 'write': {
      const [path, content] = [string(input[tool.path]), string(input[tool.content])];
      return path === undefined || content === undefined ? undefined : { kind: 'write', path, content };
    }
    case 'shell': {
      const command = string(input[tool.command]);
      const cwd = tool.cwd === undefined ? undefined : string(input[tool.cwd]);
      return command === undefined ? undefined : { kind: 'shell', command, ...optional('cwd', cwd) };
    }
  }
}

function fieldsOf(tool: ToolFields): readonly (string | undefined)[] {
  switch (tool.kind) {
    case 'read':
      return [tool.path, tool.window?.offset, tool.window?.limit, tool.range?.first, tool.range?.last];
    case 'edit':
      return [tool.path, tool.before, tool.after, tool.all];
    case 'write':
      return [tool.path, tool.content];
    case 'shell':
      return [tool.command, tool.cwd];
  }
}

function readCall(tool: ToolFields & { readonly kind: 'read' }, input: JsonObject): NeutralCall | undefined {
  const path = string(input[tool.path]);
  if (path === undefined) return undefined;
  if (tool.window !== undefined) {
    const offset = number(input[tool.window.offset]);
    const limit = number(input[tool.window.limit]);
    if (offset !== undefined || limit !== undefined) {
      const first = offset === undefined ? undefined : Math.max(1, offset + 1 - tool.window.base);
      return { kind: 'read', path, ...optional('offset', first), ...optional('limit', limit) };
    }
  }
  if (tool.range === undefined) return { kind: 'read', path };
  const first = number(input[tool.range.first]);
  const last = number(input[tool.range.last]);
  // -1 stands for the end of the file.
  const limit = last === undefined || last < 0 ? undefined : Math.max(0, last - (first ?? 1) + 1);
  return { kind: 'read', path, ...optional('offset', first), ...optional('limit', limit) };
}

/** The input of a call; undefined where the tool has no parameter for something that the call says. */
export function inputOf(tool: ToolFields, call: NeutralCall): JsonObject | undefined {
  if (tool.kind === 'read' && call.kind === 'read') {
    const { offset, limit } = call;
    if (offset === undefined && limit === undefined) return { [tool.path]: call.path };
    if (tool.window !== undefined) {
      const { window } = tool;
      return {
        [tool.path]: call.path,
        ...(offset === undefined ? {} : { [window.offset]: offset - 1 + window.base }),
        ...(limit === undefined ? {} : { [window.limit]: limit }),
      };
    }
    if (tool.range === undefined || limit === undefined) return undefined;
    const first = offset ?? 1;
    return { [tool.path]: call.path, [tool.range.first]: first, [tool.range.last]: first + limit - 1 };
  }
  if (tool.kind === 'edit' && call.kind === 'edit') {
    if (call.all === true && tool.all === undefined) return undefined;
    return {
      [tool.path]: call.path,
      [tool.before]: call.before,
      [tool.after]: call.after,
      ...(call.all === true ? { [tool.all as string]: true } : {}),
    };
  }
  if (tool.kind === 'write' && call.kind === 'write') return { [tool.path]: call.path, [tool.content]: call.content };
  if (tool.kind === 'shell' && call.kind === 'shell') {
    if (call.cwd !== undefined && tool.cwd === undefined) return undefined;
    return { [tool.command]: call.command, ...(call.cwd === undefined ? {} : { [tool.cwd as string]: call.cwd }) };
  }
  return undefined;
}

/** Tools by their names; of several for one kind the first is the one that is written. */
export type ToolTable = Readonly<Record<string, ToolFields>>;

export function readByTable(table: ToolTable, { name, input }: NativeCall): NeutralCall | undefined {
  const tool = Object.hasOwn(table, name) ? table[name] : undefined;
  return tool === undefined ? undefined : neutralCall(tool, input);
}

/** `extra` are parameters that the agent demands and that the call does not tell. */
export function writeByTable(
  table: ToolTable,
  call: NeutralCall,
  extra: (call: NeutralCall) => JsonObject = () => ({}),
): NativeCall | undefined {
  const found = Object.entries(table).find(([, tool]) => tool.kind === call.kind);
  if (found === undefined) return undefined;
  const [name, tool] = found;
  const input = inputOf(tool, call);
  return input === undefined ? undefined : { name, input: { ...input, ...extra(call) } };
}
