import type { Session } from './session.ts';
import type { ReadCacheEntry } from './snapshot.ts';

/** What the transcript tells is new; what only Holdfast knows (identity, tags, checkpoints, its own stamps, foreign fields) stays. */
export function nextRevision(before: Session, fresh: Session): Session {
  const { body } = before;
  return {
    history: fresh.history,
    body: {
      ...body,
      ...fresh.body,
      session_id: body.session_id,
      created_at: body.created_at,
      ...(body.name === undefined ? {} : { name: body.name }),
      ...(body.revision === undefined ? {} : { revision: body.revision }),
      ...(body.parent === undefined ? {} : { parent: body.parent }),
      ...(body.tags === undefined ? {} : { tags: body.tags }),
      ...(body.checkpoints === undefined ? {} : { checkpoints: body.checkpoints }),
      read_cache: newerEntries(body.read_cache ?? {}, fresh.body.read_cache ?? {}),
    },
  };
}

/** The entry that was seen later wins: the session may have read a file through Holdfast since the transcript's last line. */
function newerEntries(
  before: Readonly<Record<string, ReadCacheEntry>>,
  fresh: Readonly<Record<string, ReadCacheEntry>>,
): Record<string, ReadCacheEntry> {
  const merged = new Map(Object.entries(before));
  for (const [key, entry] of Object.entries(fresh)) {
    const known = merged.get(key);
    if (known === undefined || !isLater(known.seen_at, entry.seen_at)) merged.set(key, entry);
  }
  return Object.fromEntries(merged);
}

function isLater(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && (right === undefined || Date.parse(left) > Date.parse(right));
}
