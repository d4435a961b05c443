import { open } from 'node:fs/promises';
import { readLines } from '../lines.ts';
import { type JsonObject, list, object, parseObject, string, time } from '../shape.ts';

/** One line of the tree, as far as the choice of lines needs it. */
export interface Link {
  readonly id: string;
  readonly number: number;
  readonly to: number;
  readonly parent: string | undefined;
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
  const leaf = turns.reduce<Link | undefined>(
    (newest, link) => (newest === undefined || link.at >= newest.at ? link : newest),
    undefined,
  );
  if (leaf === undefined) return undefined;
  const before = new Map<Link, Link | undefined>(links.map((link, index) => [link, links[index - 1]]));
  // A file that links nothing at all is taken in its order, as the reader does.
  const linked = links.some((link) => link.parent !== undefined);
  const up = (link: Link): Link | undefined =>
    link.parent === undefined ? (linked ? undefined : before.get(link)) : (byId.get(link.parent) ?? before.get(link));

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
