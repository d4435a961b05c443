import { agents, importTranscript, type LiveSession, nativeSession } from '../../agents/index.ts';
import type { Context } from '../context.ts';
import { type Ending, type Failed, failed } from '../ending.ts';
import { keepNew, keepRevision } from '../keep.ts';
import { notImported, savedEnding } from '../savedEnding.ts';

export interface SaveOptions {
  readonly name?: string;
  /** Only what was saved before, and is driven by nobody: for hooks, which save what a turn has added. */
  readonly ifSaved?: boolean;
}

/** `AGENT:ID`; the first digits of the id will do. A session that was saved before gets its next revision. */
export async function save(context: Context, wanted: string, options: SaveOptions): Promise<Ending> {
  const live = await findLive(context, wanted);
  if (live.kind === 'failed') return live;
  const { folder, store, io } = context;
  const { agent, nativeId, transcript, title } = live.session;
  const read = (sessionId?: string) =>
    importTranscript(transcript, {
      agent,
      store,
      folder,
      now: io.now,
      random: io.random,
      ...(sessionId === undefined ? {} : { sessionId }),
    });
  const before = await savedBefore(context, live.session, options.name);
  if (options.ifSaved === true && (before === undefined || (await store.leaseHolder(before.sessionId)) !== undefined))
    return { kind: 'done', json: { saved: false }, text: '' };
  const again = before !== undefined && (options.name === undefined || options.name === before.name);
  if (again) {
    const imported = await read(before.sessionId);
    if (imported.kind !== 'imported') return notImported(transcript, imported);
    const kept = await keepRevision(store, before.name, imported.session);
    if (kept.kind !== 'replaced') return savedEnding(kept, imported);
  }
  // Under another name it is another session, with an identity of its own.
  const imported = await read();
  if (imported.kind !== 'imported') return notImported(transcript, imported);
  const name = again ? undefined : options.name;
  const kept = await keepNew(store, imported.session, name, again ? before.name : (title ?? nativeId));
  return savedEnding(kept, imported, again ? before.name : undefined);
}

async function findLive(
  context: Context,
  wanted: string,
): Promise<{ readonly kind: 'found'; readonly session: LiveSession } | Failed> {
  const colon = wanted.indexOf(':');
  if (colon === -1) return failed('usage', 'Give the session as AGENT:ID.', 'See them with: holdfast list --live');
  const agent = agents.find(({ id }) => id === wanted.slice(0, colon));
  if (agent === undefined) {
    return failed('unknown-agent', wanted.slice(0, colon), agents.map(({ id }) => id).join(', '));
  }
  const prefix = wanted.slice(colon + 1);
  const found = await agent.find(context.agentHome, context.folder);
  const exact = found.find(({ nativeId }) => nativeId === prefix);
  const candidates = exact === undefined ? found.filter(({ nativeId }) => nativeId.startsWith(prefix)) : [exact];
  const [session, another] = candidates;
  if (prefix === '' || session === undefined) return failed('no-such-live-session', wanted);
  return another === undefined ? { kind: 'found', session } : failed('ambiguous-id', wanted);
}

/** The saved session of the same native one, if there is one; of several the one called `wanted`, else the newest. */
async function savedBefore(
  context: Context,
  live: LiveSession,
  wanted: string | undefined,
): Promise<{ readonly name: string; readonly sessionId: string } | undefined> {
  const found: { readonly name: string; readonly sessionId: string }[] = [];
  for (const { name, head, readOnly } of await context.store.list()) {
    const native = head === undefined || readOnly ? undefined : nativeSession(head);
    if (head !== undefined && native?.agent === live.agent && native.id === live.nativeId) {
      found.push({ name, sessionId: head.session_id });
    }
  }
  return found.find(({ name }) => name === wanted) ?? found[0];
}
