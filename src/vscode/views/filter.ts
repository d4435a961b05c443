/** Which sessions a filter's text finds: pure. */

export interface Filter {
  /** In small letters: each must be in one of the session's texts. */
  readonly words: readonly string[];
  /** Beginnings of tags, without `#`. */
  readonly tags: readonly string[];
  /** Parts of an agent's name or id. */
  readonly agents: readonly string[];
}

/** What of a session is looked at. */
export interface Findable {
  readonly texts: readonly (string | undefined)[];
  readonly tags?: readonly string[] | undefined;
  /** Id and name. */
  readonly agent?: readonly string[] | undefined;
}

/** `discount #shop agent:codex`; undefined for a text that asks for nothing. `#` and `agent:` alone are still being typed. */
export function parseFilter(text: string): Filter | undefined {
  const words: string[] = [];
  const tags: string[] = [];
  const agents: string[] = [];
  for (const word of plain(text).split(/\s+/)) {
    const [into, asked] = word.startsWith('#')
      ? [tags, word.slice(1)]
      : word.startsWith('agent:')
        ? [agents, word.slice('agent:'.length)]
        : [words, word];
    if (asked !== '') into.push(asked);
  }
  return words.length + tags.length + agents.length === 0 ? undefined : { words, tags, agents };
}

/** Whether a session has everything that the filter asks for. */
export function isFound(filter: Filter | undefined, { texts, tags = [], agent = [] }: Findable): boolean {
  if (!filter) return true;
  const ownTags = tags.map(plain);
  const names = agent.map(plain);
  const all = [...texts.flatMap((text) => (text === undefined ? [] : [plain(text)])), ...ownTags, ...names];
  return (
    filter.words.every((word) => all.some((text) => text.includes(word))) &&
    // A tag may hold spaces, which cannot be typed here.
    filter.tags.every((tag) => ownTags.some((own) => own.replace(/\s/g, '').startsWith(tag))) &&
    filter.agents.every((asked) => names.some((name) => name.replace(/\s/g, '').includes(asked)))
  );
}

function plain(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
