import { open } from 'node:fs/promises';
import { readLines } from '../lines.ts';
import { type JsonObject, list, object, parseObject, string, time } from '../shape.ts';

/** One line of the tree, as far as the choice of lines needs it. */
export interface Link {
  readonly id: string;
  readonly number: number;
  readonly to: number;
  readonly parent: string | undefined;
  /** It says that it hangs in nothing. */
  readonly root: boolean;
  readonly type: string;
  readonly side: boolean;
  /** Id of the API message that the line is a part of. */
  readonly message: string | undefined;
  readonly calls: readonly string[];
  readonly results: readonly string[];
  readonly at: string;
}

/** What the new transcript takes over: lines by number, and what each hangs in. */
export interface Plan {
  readonly lines: ReadonlyMap<number, { readonly id: string; readonly parent: string | null }>;
  readonly leaf: Link;
  /** Calls without a result, by the number of the last line of their message: a result is to stand behind it. */
  readonly dangling: ReadonlyMap<number, readonly string[]>;
  readonly messages: number;
}

const TREE = new Set(['user', 'assistant', 'system', 'attachment', 'progress']);

/** The lines of the tree that end at or before byte `upTo`. */
export async function readLinks(raw: string, upTo: number | undefined): Promise<readonly Link[]> {
  const handle = await open(raw, 'r');
  try {
    const links: Link[] = [];
    for await (const batch of readLines(handle, upTo === undefined ? {} : { to: upTo })) {
      for (const { text, number, to } of batch) {
        const line = parseObject(text);
        const type = string(line?.['type']) ?? '';
        if (line === undefined || !TREE.has(type)) continue;
        const blocks = list(object(line['message'])?.['content']).map((one): JsonObject => object(one) ?? {});
        const ids = (kind: string, field: string) =>
          blocks.flatMap((block) => (block['type'] === kind ? (string(block[field]) ?? []) : []));
        links.push({
          id: string(line['uuid']) ?? `L${number}`,
          number,
          to,
          parent: string(line['parentUuid']) ?? string(line['logicalParentUuid']),
          root: line['parentUuid'] !== undefined,
          type: object(line['message']) === undefined && (type === 'user' || type === 'assistant') ? 'progress' : type,
          side: line['isSidechain'] === true,
          message: type === 'assistant' ? string(object(line['message'])?.['id']) : undefined,
          calls: ids('tool_use', 'id'),
          results: ids('tool_result', 'tool_use_id'),
          at: time(line['timestamp']) ?? '',
        });
      }
    }
    return links;
  } finally {
    await handle.close();
  }
}

/** The active branch: the newest message and all it hangs in, with the other lines of its messages and their results. */
export function choose(all: readonly Link[]): Plan | undefined {
  // A sub-agent's own transcript has nothing but side lines.
  const main = all.filter((link) => !link.side);
  const links = main.length > 0 ? main : all;
  const byId = new Map<string, Link>();
  for (const link of links) if (!byId.has(link.id)) byId.set(link.id, link);
  const turns = links.filter(
    (link) => (link.type === 'user' || link.type === 'assistant') && byId.get(link.id) === link,
  );
  const newest = turns.reduce<Link | undefined>(
    (known, link) => (known === undefined || link.at >= known.at ? link : known),
    undefined,
  );
  if (newest === undefined) return undefined;
  const parents = parentsOf(links);
  const up = (link: Link): Link | undefined => parents.get(link);
  const leaf = endOf(newest, parents, new Set(turns));

  const kept = new Set<Link>();
  for (let link: Link | undefined = leaf; link !== undefined && !kept.has(link); link = up(link)) kept.add(link);
  const messages = new Set([...kept].flatMap((link) => link.message ?? []));
  for (const link of links)
    if (link.message !== undefined && messages.has(link.message) && byId.get(link.id) === link) kept.add(link);
  const answered = new Set([...kept].flatMap((link) => link.results));
  const calls = new Set([...kept].flatMap((link) => link.calls));
  for (const link of links) {
    if (!link.results.some((id) => calls.has(id) && !answered.has(id))) continue;
    kept.add(link);
    for (const id of link.results) answered.add(id);
  }
  const ordered = links.filter((link) => kept.has(link) && link.type !== 'progress');
  const there = new Set(ordered);
  const dangling = unanswered(ordered, answered);
  const lines = new Map<number, { id: string; parent: string | null }>();
  for (const link of ordered) {
    let parent = up(link);
    while (parent !== undefined && !there.has(parent)) parent = up(parent);
    const hangs = parent === undefined ? null : dangling.has(parent.number) ? resultOf(parent.number) : parent.id;
    lines.set(link.number, { id: link.id, parent: hangs });
  }
  const users = ordered.filter((link) => link.type === 'user').length;
  const answers = new Set(ordered.filter((link) => link.type === 'assistant').map((link) => link.message ?? link.id))
    .size;
  return { lines, leaf, dangling, messages: users + answers + dangling.size };
}

/**
 * What each line hangs in, as the reader has it: where a file does not tell, or names a line that does not stand before,
 * its order decides, so that nothing is cut off. An answer always answers something: a file in which one hangs in
 * nothing has no links at all.
 */
function parentsOf(links: readonly Link[]): ReadonlyMap<Link, Link | undefined> {
  const seen = new Map<string, Link>();
  const parents = new Map<Link, Link | undefined>();
  let unlinked = false;
  let before: Link | undefined;
  for (const link of links) {
    if (link.parent !== undefined) parents.set(link, seen.get(link.parent) ?? before);
    else {
      unlinked ||= link.type === 'assistant' && before !== undefined;
      parents.set(link, link.root && !unlinked ? undefined : before);
    }
    if (!seen.has(link.id)) seen.set(link.id, link);
    before = link;
  }
  return parents;
}

/** The last message that hangs behind this one: clocks do not always tell the order. */
function endOf(from: Link, parents: ReadonlyMap<Link, Link | undefined>, turns: ReadonlySet<Link>): Link {
  const children = new Map<Link, Link>();
  for (const [link, parent] of parents) if (parent !== undefined) children.set(parent, link);
  let end = from;
  // A line hangs in one before it, so this ends.
  for (let link = children.get(from); link !== undefined; link = children.get(link)) if (turns.has(link)) end = link;
  return end;
}

/** The id of the line that answers the calls before line `number`, as one of a line that has none. */
export function resultOf(number: number): string {
  return `L${number}-result`;
}

/** Calls without a result, behind the last line of the message that they are part of, and behind the results it has. */
function unanswered(ordered: readonly Link[], answered: ReadonlySet<string>): ReadonlyMap<number, readonly string[]> {
  interface Asked {
    last: number;
    readonly calls: string[];
  }
  const messages = new Map<string, Asked>();
  let current: Asked | undefined;
  for (const link of ordered) {
    if (current !== undefined && link.results.some((id) => current?.calls.includes(id))) current.last = link.number;
    if (link.type !== 'assistant') continue;
    const key = link.message ?? link.id;
    current = messages.get(key) ?? { last: link.number, calls: [] };
    current.last = link.number;
    current.calls.push(...link.calls);
    messages.set(key, current);
  }
  return new Map(
    [...messages.values()].flatMap(({ last, calls }) => {
      const open = calls.filter((id) => !answered.has(id));
      return open.length === 0 ? [] : [[last, open] as const];
    }),
  );
}
