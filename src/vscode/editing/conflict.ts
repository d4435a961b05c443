import type { WriteOutcome } from '../../core/index.ts';
import type { ActiveSession } from '../session/activeSession.ts';

/** What an edit wants. */
export type Proposal =
  | { readonly kind: 'edit'; readonly old: string; readonly new: string; readonly all: boolean }
  | { readonly kind: 'write'; readonly content: string };

/** An edit that was not made. */
export interface Conflict {
  readonly session: ActiveSession;
  /** As it was given by whoever wanted to write. */
  readonly path: string;
  readonly outcome: Extract<WriteOutcome, { kind: 'conflict' }>;
  readonly proposal: Proposal;
  /** What the session believes the file holds, where known. */
  readonly seen: string | undefined;
}

/** Makes an edit in the session's name; `merge` merges it with what changed since, where both did not change the same lines. */
export function attempt(
  { guard }: ActiveSession,
  path: string,
  proposal: Proposal,
  merge: boolean,
): Promise<WriteOutcome> {
  switch (proposal.kind) {
    case 'edit':
      return guard.edit(path, proposal, { merge });
    case 'write':
      return guard.write(path, proposal.content, { merge });
  }
}

/** A file holds text now that the model has not read: it may edit parts of it, not replace the whole. The session keeps that. */
export async function markUnread(session: ActiveSession, key: string): Promise<void> {
  const entry = session.cache.get(key);
  if (!entry) return;
  session.modelUnread.add(key);
  await session.journal.append([{ type: 'read_cache', set: session.modelUnread.mark({ [key]: entry }) }]);
}
