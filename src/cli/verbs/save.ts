import { agents, importTranscript, type LiveSession, nativeSession } from '../../agents/index.ts';
import type { Context } from '../context.ts';
import { type Ending, type Failed, failed } from '../ending.ts';
import { keepNew, keepRevision } from '../keep.ts';
import { notImported, savedEnding } from '../savedEnding.ts';

/** `AGENT:ID`; the first digits of the id will do. A session that was saved before gets its next revision. */
export async function save(context: Context, wanted: string, options: { readonly name?: string }): Promise<Ending> {
  const live = await findLive(context, wanted);
  if (live.kind === 'failed') return live;
  const { folder, store, io } = context;
  const { agent, nativeId, transcript, title } = live.session;
  const before = await savedBefore(context, live.session);
  const imported = await importTranscript(transcript, {
    agent,
    store,
    folder,
    now: io.now,
    random: io.random,
    ...(before === undefined ? {} : { sessionId: before.sessionId }),
  });
  if (imported.kind !== 'imported') return notImported(transcript, imported);
  const kept =
    before !== undefined && (options.name === undefined || options.name === before.name)
      ? await keepRevision(store, before.name, imported.session)
      : await keepNew(store, imported.session, options.name, title ?? nativeId);
  return savedEnding(kept, imported);
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

/** The saved session of the same native one, if there is one; of several the newest. */
async function savedBefore(
  context: Context,
  live: LiveSession,
): Promise<{ readonly name: string; readonly sessionId: string } | undefined> {
  for (const { name, head, readOnly } of await context.store.list()) {
    const native = head === undefined || readOnly ? undefined : nativeSession(head);
    if (head !== undefined && native?.agent === live.agent && native.id === live.nativeId) {
      return { name, sessionId: head.session_id };
    }
  }
  return undefined;
}
