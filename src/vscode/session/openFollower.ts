import { open } from 'node:fs/promises';
import {
  type Agent,
  agentById,
  type Follower,
  followTranscript,
  goesOn,
  type LiveSession,
  nativeSession,
  offloadBlobs,
  pump,
  readBase,
} from '../../agents/index.ts';
import type { Message, SessionEvent } from '../../core/index.ts';
import { mirrorOf } from '../mirrorOf.ts';
import { now } from '../places.ts';
import type { ActiveSession } from './activeSession.ts';

export interface Followed {
  readonly follower: Follower;
  readonly transcript: string;
}

/**
 * Finds the agent's own session of a saved one and goes on where the saved one ends. Undefined where there is none,
 * or where its transcript tells another story than the snapshot: then nothing of it is written over the snapshot.
 */
export async function openFollower(
  session: ActiveSession,
  onEvents: (events: readonly SessionEvent[]) => Promise<void>,
): Promise<Followed | undefined> {
  const { body, place } = session;
  const native = nativeSession(body);
  const agent = native && agentById(native.agent);
  if (!native || !agent) return undefined;
  // Not the list that is shown: it may be older than the agent's last start, and to read it anew would paint it anew.
  const live = (await agent.find(place.where, place.path)).find(({ nativeId }) => nativeId === native.id);
  if (!live) return undefined;
  const common = {
    agent: agent.id,
    transcript: live.transcript,
    folder: place.path,
    sessionId: body.session_id,
    store: place.store,
    now,
    onEvents,
    // A look at a part of a file must not replace what is known of the whole.
    known: (key: string) => session.cache.get(key),
  };
  const raw = body.source?.raw;
  const mirror = mirrorOf(place, body);
  if (body.source?.native_id === native.id && raw && mirror !== undefined) {
    const follower = await followTranscript({ ...common, from: { bytes: raw.bytes, mirror } });
    // The first look tells whether the transcript still begins as it did.
    if ((await follower.poll()).kind !== 'replaced') return { follower, transcript: live.transcript };
    await follower.close();
  }
  const from = await continues(session, agent, live, onEvents);
  return from && { follower: await followTranscript({ ...common, from }), transcript: live.transcript };
}

/**
 * For a transcript of other bytes (a fork that went on in its agent, or one that was rewritten): reads it whole. If
 * it begins with the messages of the snapshot, they and the new ones are told anew, since the messages lie at other
 * places in these bytes.
 */
async function continues(
  session: ActiveSession,
  agent: Agent,
  live: LiveSession,
  onEvents: (events: readonly SessionEvent[]) => Promise<void>,
): Promise<Parameters<typeof followTranscript>[0]['from'] | undefined> {
  const handle = await open(live.transcript, 'r');
  try {
    const reader = agent.reader({ transcript: live.transcript, ...(await readBase(agent, live.transcript)) });
    const position = await pump(handle, reader);
    const messages = reader.messages();
    const { count, said } = await heldMessages(session);
    // Ids alone prove nothing: Codex's are numbers. No source: other bytes are compared by what was said.
    const { source: _, ...body } = session.body;
    if (count > messages.length || !goesOn({ body, history: said }, { body, history: messages })) return undefined;
    reader.takeEvents();
    if (messages.length > count) {
      const events: SessionEvent[] = [];
      for (const message of messages)
        events.push({ type: 'message', message: await offloadBlobs(message, session.place.store) });
      await onEvents([...events, { type: 'head', set: { message_count: messages.length } }]);
    }
    return { reader, position };
  } finally {
    await handle.close();
  }
}

const PAGE = 1000;

/** How many messages the snapshot holds, and those that were said: what tools answered is the bulk of a session. */
async function heldMessages({ place, name }: ActiveSession): Promise<{ count: number; said: readonly Message[] }> {
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') return { count: 0, said: [] };
  const { document } = opened;
  try {
    const said: Message[] = [];
    for (let from = 0; from < document.messageCount; from += PAGE) {
      const page = await document.messages(from, Math.min(from + PAGE, document.messageCount));
      said.push(...page.filter(({ role }) => role !== 'tool'));
    }
    return { count: document.messageCount, said };
  } finally {
    await document.close();
  }
}
