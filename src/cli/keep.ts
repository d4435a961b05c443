import { goesOn } from '../agents/index.ts';
import { nameProblem, nextRevision, type Session, type SessionStore } from '../core/index.ts';
import { badName, type Failed, openFailed, writeFailed } from './ending.ts';

/** How often a save that came second starts again from what the first one wrote. */
const ATTEMPTS = 5;

export type Kept = { readonly kind: 'kept'; readonly name: string; readonly revision: number } | Failed;

/** Saves a session that was not saved before, under `name`, or a free name made from `title`. */
export async function keepNew(
  store: SessionStore,
  session: Session,
  name: string | undefined,
  title: string,
): Promise<Kept> {
  if (name !== undefined) {
    const problem = nameProblem(name);
    if (problem !== undefined) return badName(name, problem);
  }
  for (let attempt = 1; ; attempt += 1) {
    const wanted = name ?? (await store.freeName(title));
    const saved = await store.save(wanted, { ...session, body: { ...session.body, name: wanted } }, undefined);
    if (saved.kind === 'saved') return { kind: 'kept', name: wanted, revision: saved.revision };
    // Another process took the free name between the two calls.
    if (saved.kind !== 'exists' || name !== undefined || attempt === ATTEMPTS) return writeFailed(wanted, saved);
  }
}

/**
 * Saves a session read anew from its transcript as the next revision of `name`; not where the transcript was cut or
 * replaced, since the saved session would lose what it holds.
 */
export async function keepRevision(
  store: SessionStore,
  name: string,
  fresh: Session,
): Promise<Kept | { readonly kind: 'replaced' }> {
  for (let attempt = 1; ; attempt += 1) {
    const loaded = await store.load(name);
    if (loaded.kind !== 'loaded') return openFailed(name, loaded);
    if (!goesOn(loaded.session, fresh)) return { kind: 'replaced' };
    const next = nextRevision(loaded.session, fresh);
    const saved = await store.save(name, next, loaded.session.body.revision);
    if (saved.kind === 'saved') return { kind: 'kept', name, revision: saved.revision };
    if (saved.kind !== 'conflict' || attempt === ATTEMPTS) return writeFailed(name, saved);
  }
}
