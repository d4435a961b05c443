import type { Message, SessionEvent } from '../../core/index.ts';

/** A message of the tree; several lines may have made it. */
export interface Entry {
  message: Message;
  /** Where in the file it began: orders the results of parallel calls. */
  readonly order: number;
  readonly calls: string[];
  readonly results: readonly string[];
  /** Its index in the active branch, or -1. */
  position: number;
}

/** A line of the tree. Lines without an entry (progress, attachments, system lines) only hold the chain together. */
export interface Node {
  readonly parent: Node | undefined;
  readonly entry: Entry | undefined;
  readonly side: boolean;
  /** ISO time, '' where the line has none. */
  readonly at: string;
}

/**
 * The active branch of a tree that grows line by line, and what changed in it since it was asked last.
 *
 * Owns the order of the conversation. It does not know how lines look. A line that continues the branch costs O(1);
 * only a rewind walks the branch again.
 */
export interface Branch {
  add(node: Node): void;
  /** The entry has a new message object, with more content. */
  changed(entry: Entry): void;
  leaf(): Node | undefined;
  messages(): readonly Message[];
  takeEvents(): readonly SessionEvent[];
}

export function createBranch(): Branch {
  let branch: Entry[] = [];
  let leaf: Node | undefined;
  /** Index of the last entry that is not a result of the calls before it: new lines that hang behind it continue the branch. */
  let tail = -1;
  let tailCalls: ReadonlySet<string> = new Set();
  let emitted = 0;
  /** Up to here the branch is what was emitted last. */
  let kept = 0;
  const touched = new Set<Entry>();
  const resultEntries = new Map<string, Entry[]>();

  function append(entry: Entry): void {
    entry.position = branch.length;
    branch.push(entry);
    const belongs = entry.results.length > 0 && entry.results.every((id) => tailCalls.has(id));
    if (!belongs) {
      tail = entry.position;
      tailCalls = new Set(entry.calls);
    }
  }

  function rebuild(to: Node): void {
    const path: Entry[] = [];
    const onPath = new Set<Entry>();
    for (let node: Node | undefined = to; node !== undefined; node = node.parent) {
      if (node.entry !== undefined && node.side === to.side && !onPath.has(node.entry)) {
        path.push(node.entry);
        onPath.add(node.entry);
      }
    }
    path.reverse();
    const old = branch;
    for (const entry of old) entry.position = -1;
    branch = [];
    tail = -1;
    tailCalls = new Set();
    for (const entry of path) {
      if (entry.position !== -1) continue;
      append(entry);
      const results = new Set<Entry>();
      for (const call of entry.calls) {
        const found = resultEntries.get(call);
        const result = found?.find((one) => onPath.has(one)) ?? found?.at(-1);
        if (result !== undefined) results.add(result);
      }
      for (const result of [...results].sort((a, b) => a.order - b.order)) if (result.position === -1) append(result);
    }
    let same = 0;
    while (same < old.length && same < branch.length && old[same] === branch[same]) same += 1;
    kept = Math.min(kept, same);
    leaf = to;
  }

  function add(node: Node): void {
    const { entry } = node;
    if (entry === undefined) return;
    for (const id of entry.results) {
      const known = resultEntries.get(id);
      if (known === undefined) resultEntries.set(id, [entry]);
      else if (!known.includes(entry)) known.push(entry);
    }
    // A sub-agent's lines are the conversation only where the file has no others.
    if (node.side && leaf !== undefined && !leaf.side) return;
    if (!node.side && leaf?.side === true) {
      rebuild(node);
      return;
    }
    if (entry.position !== -1) {
      leaf = node;
      // Calls of a message that comes in several lines: their results belong behind it.
      if (entry.position === tail) tailCalls = new Set(entry.calls);
      return;
    }
    let ancestor = node.parent;
    while (ancestor !== undefined && (ancestor.entry === undefined || ancestor.entry.position === -1)) {
      ancestor = ancestor.parent;
    }
    const position = ancestor?.entry?.position ?? -1;
    if (leaf === undefined || (position >= tail && position !== -1)) {
      leaf = node;
      append(entry);
      return;
    }
    // A result that comes after the conversation went on belongs behind its call; it opens no branch.
    if (entry.results.length > 0 && answers(entry, position)) rebuild(leaf);
    else if (node.at >= leaf.at) rebuild(node);
  }

  function answers(entry: Entry, position: number): boolean {
    let at = position;
    while (at > 0 && (branch[at]?.results.length ?? 0) > 0) at -= 1;
    return branch[at]?.calls.some((id) => entry.results.includes(id)) ?? false;
  }

  function takeEvents(): readonly SessionEvent[] {
    const events: SessionEvent[] = [];
    for (const entry of touched) {
      if (entry.position !== -1 && entry.position < kept) events.push({ type: 'message', message: entry.message });
    }
    if (kept < emitted) events.push({ type: 'rewind', after: branch[kept - 1]?.message.id ?? null });
    for (const entry of branch.slice(kept)) events.push({ type: 'message', message: entry.message });
    touched.clear();
    emitted = branch.length;
    kept = branch.length;
    return events;
  }

  return {
    add,
    changed(entry) {
      touched.add(entry);
    },
    leaf: () => leaf,
    messages: () => branch.map((entry) => entry.message),
    takeEvents,
  };
}
