import type { Part } from '../agent.ts';
import { pathOfUri } from '../codeUser.ts';
import { type JsonObject, list, object, optional, string, words } from '../shape.ts';

/** One answer of the model, and what the tools that it called gave back. */
export interface Step {
  readonly said: readonly Part[];
  readonly results: readonly Part[];
  readonly calls: readonly ToolCall[];
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  /** What came back; undefined where nothing did. */
  readonly output: string | undefined;
}

/** The path of a file that VS Code names: `{fsPath, path, scheme}`, `{uri}`, or a URI as text. Undefined for one that is on no disk here. */
export function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('://') ? pathOfUri(value) : words(value);
  const uri = object(value);
  if (uri === undefined) return undefined;
  if (uri['uri'] !== undefined) return pathOf(uri['uri']);
  if (string(uri['scheme']) !== undefined && uri['scheme'] !== 'file') return undefined;
  const external = words(uri['external']);
  const path = words(uri['path']);
  return (
    words(uri['fsPath']) ??
    (external === undefined ? undefined : pathOfUri(external)) ??
    (path === undefined ? undefined : path.replace(/^\/([A-Za-z]:)/, '$1'))
  );
}

/** Text of a string, of `{value}`, or of `{content: {value}}`. */
export function markdownOf(value: unknown): string | undefined {
  const markdown = object(value);
  return string(value) ?? string(markdown?.['value']) ?? string(object(markdown?.['content'])?.['value']);
}

/** The texts of a prompt-tsx tree (`{type: 1, children}`, `{type: 2, text}`), in order. */
function treeText(root: unknown): string {
  const texts: string[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = object(open.pop());
    if (node === undefined) continue;
    if (node['type'] === 2) texts.push(string(node['text']) ?? '');
    const children = list(node['children']);
    for (let at = children.length - 1; at >= 0; at -= 1) open.push(children[at]);
  }
  return texts.join('');
}

/** `toolCallResults[id]`: its texts, images as parts of their own. */
export function resultParts(callId: string, result: JsonObject): { readonly text: string; readonly parts: Part[] } {
  const texts: string[] = [];
  const images: Part[] = [];
  for (const value of list(result['content'])) {
    const piece = object(value);
    const inner = piece?.['value'];
    const data = string(piece?.['data']) ?? string(object(piece?.['data'])?.['$base64']);
    const mime = words(piece?.['mimeType']);
    if (data !== undefined && mime?.startsWith('image/') === true)
      images.push({ type: 'image', media_type: mime, data, call_id: callId });
    else if (typeof inner === 'string') texts.push(inner);
    else if (object(inner) !== undefined) texts.push(treeText(object(inner)?.['node'] ?? inner));
  }
  const text = texts.join('\n');
  const failed = isFailure(text) ? { is_error: true } : {};
  return { text, parts: [{ type: 'tool_result', call_id: callId, output: text, ...failed }, ...images] };
}

/** A result has no field that says so; the texts are those of the agent's tools. */
export function isFailure(text: string): boolean {
  return /^\s*(?:ERROR(?: while calling tool)?:|Error: |ERROR: )/.test(text);
}

/** What was attached to a prompt: files as `file`, pictures as `image`. */
export function attachedParts(request: JsonObject): readonly Part[] {
  return list(object(request['variableData'])?.['variables']).flatMap((one): readonly Part[] => {
    const variable = object(one);
    if (variable === undefined) return [];
    const data = string(object(variable['value'])?.['$base64']);
    const mime = words(variable['mimeType']) ?? 'image/png';
    if (data !== undefined) return [{ type: 'image', media_type: mime, data }];
    const path = pathOf(variable['value']);
    if (path === undefined || variable['kind'] === 'image') return [];
    return [{ type: 'file', path, ...optional('name', words(variable['name'])) }];
  });
}
