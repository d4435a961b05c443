import { getNodeValue, type Node } from 'jsonc-parser';
import { isOurs } from './hookCommand.ts';
import { field, newDocument, property, putLast, rootObject, takeOut } from './jsonText.ts';
import type { WantedHook } from './wantedHooks.ts';

/** A text with or without our hooks; `undefined` is a file that is not there. */
export type Merged =
  | { readonly kind: 'merged'; readonly text: string | undefined }
  | { readonly kind: 'not-json' }
  /** A field that the hooks stand in is no object or no list. */
  | { readonly kind: 'other-shape'; readonly detail: string };

/** Fields that a file of nothing but hooks has beside them. */
const PLAIN = new Set(['version']);

/** The text with the hooks in it, once each; what is not ours stays as it is, byte for byte. */
export function withHooks(text: string | undefined, wanted: readonly WantedHook[], fields: object = {}): Merged {
  if (text === undefined || text.trim() === '') {
    const hooks = Object.fromEntries(wanted.map(({ event, value }) => [event, [value]]));
    return { kind: 'merged', text: newDocument({ ...fields, hooks }) };
  }
  if (hasHooks(text, wanted)) return { kind: 'merged', text };
  const clean = withoutOurs(text);
  if (clean.kind !== 'merged') return clean;
  let now = clean.text;
  const given = field(rootObject(now), 'hooks');
  const wrong = wanted.find(({ event }) => (field(given, event)?.type ?? 'array') !== 'array');
  if (wrong !== undefined) return { kind: 'other-shape', detail: `hooks.${wrong.event}` };
  for (const { event, value } of wanted) {
    const root = rootObject(now) as Node;
    const hooks = field(root, 'hooks');
    const list = field(hooks, event);
    if (hooks === undefined) now = putLast(now, root, { [event]: [value] }, 'hooks');
    else if (list === undefined) now = putLast(now, hooks, [value], event);
    else now = putLast(now, list, value);
  }
  return { kind: 'merged', text: now };
}

/** The text without our hooks, and without lists and objects that are empty then; a file that held nothing else goes. */
export function withoutHooks(text: string | undefined): Merged {
  if (text === undefined || !isOurs(unescaped(text))) return { kind: 'merged', text };
  const clean = withoutOurs(text);
  if (clean.kind !== 'merged') return clean;
  const root = rootObject(clean.text) as Node;
  const isEmpty = (root.children ?? []).every((child) => PLAIN.has(child.children?.[0]?.value));
  const hasComment = /\/[/*]/.test(clean.text);
  return { kind: 'merged', text: isEmpty && !hasComment ? undefined : clean.text };
}

/** Each of them stands there exactly once, and none of ours beside them. */
export function hasHooks(text: string, wanted: readonly WantedHook[]): boolean {
  const found = ourHooks(text).map(({ event, node }) => JSON.stringify([event, getNodeValue(node)]));
  const all = wanted.map(({ event, value }) => JSON.stringify([event, value]));
  return found.length === all.length && all.every((one) => found.includes(one));
}

export interface OurHook {
  readonly event: string;
  /** Its place in the list of its event. */
  readonly index: number;
  readonly node: Node;
}

/** The hooks of ours in a text, whatever version of Holdfast wrote them. */
export function ourHooks(text: string): readonly OurHook[] {
  const hooks = field(rootObject(text), 'hooks');
  return (hooks?.children ?? []).flatMap((each) =>
    (each.children?.[1]?.children ?? []).flatMap((node, index) =>
      startsOurs(node) ? [{ event: String(each.children?.[0]?.value), index, node }] : [],
    ),
  );
}

/** Lists that stay are lists of others; a group that holds hooks of others too loses only ours. */
function withoutOurs(
  text: string,
): { readonly kind: 'merged'; readonly text: string } | Exclude<Merged, { kind: 'merged' }> {
  const root = rootObject(text);
  if (root === undefined) return { kind: 'not-json' };
  const hooks = field(root, 'hooks');
  if (hooks !== undefined && hooks.type !== 'object') return { kind: 'other-shape', detail: 'hooks' };
  const [ours] = ourHooks(text);
  if (ours === undefined) return { kind: 'merged', text };
  return withoutOurs(withoutOne(text, root, ours));
}

function withoutOne(text: string, root: Node, { event, node }: OurHook): string {
  const hooks = field(root, 'hooks') as Node;
  const list = field(hooks, event) as Node;
  const inner = field(node, 'hooks');
  const others = inner?.children?.filter((each) => !startsOurs(each)) ?? [];
  const mine = inner?.children?.find(startsOurs);
  if (inner !== undefined && mine !== undefined && others.length > 0) return takeOut(text, inner, mine);
  if ((list.children?.length ?? 0) > 1) return takeOut(text, list, node);
  const ofEvent = property(hooks, event) as Node;
  if ((hooks.children?.length ?? 0) > 1) return takeOut(text, hooks, ofEvent);
  return takeOut(text, root, property(root, 'hooks') as Node);
}

function startsOurs(node: Node): boolean {
  for (const name of ['command', 'bash', 'powershell']) {
    const command = field(node, name)?.value;
    if (typeof command === 'string' && isOurs(command)) return true;
  }
  return field(node, 'hooks')?.children?.some(startsOurs) === true;
}

function unescaped(text: string): string {
  return text.replaceAll('\\\\', '\\').replaceAll('\\"', '"');
}
