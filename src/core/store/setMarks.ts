import type { SessionEvent } from '../session/event.ts';
import type { SnapshotBody } from '../session/snapshot.ts';
import type { WriteFailure } from './sessionStore.ts';

/** What people put on a session to find it again; each replaces what was there, absent ones stay. */
export interface Marks {
  /** Trimmed, each once, in this order; empty: none. */
  readonly tags?: readonly string[];
  readonly pinned?: boolean;
  readonly archived?: boolean;
  /** Ids of messages that stay whole when the history is made shorter for another agent. */
  readonly pinned_messages?: readonly string[];
}

/** Why a text cannot be a tag. */
export type TagProblem = 'empty' | 'too-long' | 'control-character';

export type MarksOutcome =
  | { readonly kind: 'marked' }
  | { readonly kind: 'invalid-tag'; readonly tag: string; readonly problem: TagProblem }
  | WriteFailure;

/** Longest tag, in characters as people count them. */
export const MAX_TAG_CHARACTERS = 64;

const characters = new Intl.Segmenter();

/** The first reason why `tag` cannot be one, or undefined; white space around it does not count. */
export function tagProblem(tag: string): TagProblem | undefined {
  const trimmed = tag.trim();
  if (trimmed === '') return 'empty';
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(trimmed) || !trimmed.isWellFormed()) return 'control-character';
  // One character may be made of any number of code points.
  if (trimmed.length > MAX_TAG_CHARACTERS * 8) return 'too-long';
  return [...characters.segment(trimmed)].length > MAX_TAG_CHARACTERS ? 'too-long' : undefined;
}

type HeadEvent = Extract<SessionEvent, { readonly type: 'head' }>;

/** The change of a head that sets these marks, in no event or one; a mark that says nothing is removed. */
export function marksEvents(
  marks: Marks,
):
  | { readonly kind: 'events'; readonly events: readonly HeadEvent[] }
  | Extract<MarksOutcome, { readonly tag: string }> {
  for (const tag of marks.tags ?? []) {
    const problem = tagProblem(tag);
    if (problem) return { kind: 'invalid-tag', tag, problem };
  }
  const wanted: { [Key in keyof Marks]-?: SnapshotBody[Key] } = {
    tags: listed(marks.tags?.map((tag) => tag.trim())),
    pinned: marks.pinned || undefined,
    archived: marks.archived || undefined,
    pinned_messages: listed(marks.pinned_messages),
  };
  const named = Object.entries(wanted).filter(
    ([key]) => (marks as Readonly<Record<string, unknown>>)[key] !== undefined,
  );
  if (named.length === 0) return { kind: 'events', events: [] };
  const remove = named.filter(([, value]) => value === undefined).map(([key]) => key);
  const set = Object.fromEntries(named.filter(([, value]) => value !== undefined));
  return { kind: 'events', events: [{ type: 'head', set, ...(remove.length === 0 ? {} : { remove }) }] };
}

function listed(values: readonly string[] | undefined): string[] | undefined {
  return values === undefined || values.length === 0 ? undefined : [...new Set(values)];
}
