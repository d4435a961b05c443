import type { Marks } from '../core/index.ts';
import type { Context } from './context.ts';
import { type Ending, type Failed, failed, openFailed, writeFailed } from './ending.ts';
import { plainLine } from './plain.ts';
import { pages } from './verbs/show.ts';

/** Marks of a session as they are; undefined fields are not set. */
export type Held = Required<Marks>;

/**
 * Changes the marks of a session from what they are, and prints what they are then. `change` may fail; marks that it
 * leaves out stay.
 */
export async function setMarks(
  context: Context,
  name: string,
  change: (
    held: Held,
    idOf: (message: string) => Promise<string | undefined>,
  ) => Promise<Marks | Failed> | Marks | Failed,
): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { document } = opened;
  const { tags = [], pinned = false, archived = false, pinned_messages = [] } = document.body;
  const held: Held = { tags, pinned, archived, pinned_messages };
  let wanted: Marks | Failed;
  try {
    wanted = await change(held, async (message) => {
      const number = /^\d+$/.test(message) ? Number(message) : 0;
      const [found] = number >= 1 ? await document.messages(number - 1, number) : [];
      if (found !== undefined) return found.id;
      for await (const one of pages(context, document, 0, document.messageCount)) if (one.id === message) return one.id;
      return undefined;
    });
  } finally {
    await document.close();
  }
  if ('kind' in wanted) return wanted;
  const outcome = await context.store.setMarks(name, wanted);
  switch (outcome.kind) {
    case 'marked': {
      const now = { ...held, ...wanted, ...(wanted.tags === undefined ? {} : { tags: trimmed(wanted.tags) }) };
      return { kind: 'done', json: { name, ...now }, text: plainLine(sentence(name, now)) };
    }
    case 'invalid-tag':
      return failed('invalid-tag', outcome.tag, outcome.problem);
    default:
      return writeFailed(name, outcome);
  }
}

function trimmed(tags: readonly string[]): readonly string[] {
  return [...new Set(tags.map((tag) => tag.trim()))];
}

function sentence(name: string, { tags, pinned, archived, pinned_messages }: Held): string {
  const facts = [
    ...(pinned ? ['pinned'] : []),
    ...(archived ? ['archived'] : []),
    ...(tags.length === 0 ? [] : [tags.map((tag) => `#${tag}`).join(' ')]),
    ...(pinned_messages.length === 0 ? [] : [`messages kept whole: ${pinned_messages.join(', ')}`]),
  ];
  return `"${name}": ${facts.length === 0 ? 'no marks' : facts.join('; ')}`;
}
