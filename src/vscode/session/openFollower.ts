import {
  type Agent,
  agentById,
  type Follower,
  type FollowOptions,
  followedSession,
  followTranscript,
  goesOn,
  type LiveSession,
  readerOptions,
  readRecords,
} from '../../agents/index.ts';
import type { Message, ReadCache, SnapshotBody } from '../../core/index.ts';
import { mirrorOf } from '../mirrorOf.ts';
import { now, type Place } from '../places.ts';

/** A saved session, as far as following its agent concerns it. */
export interface Followable {
  readonly place: Place;
  readonly name: string;
  readonly body: SnapshotBody;
  readonly cache: Pick<ReadCache, 'get'>;
}

export interface Followed {
  readonly agent: Agent;
  readonly follower: Follower;
  readonly transcript: string;
}

type OnEvents = FollowOptions['onEvents'];

/**
 * Finds the agent's own session of a saved one and goes on where the saved one ends. Undefined where there is none,
 * or where its transcript tells another story than the snapshot: then nothing of it is written over the snapshot.
 */
export async function openFollower(session: Followable, onEvents: OnEvents): Promise<Followed | undefined> {
  const { body, place } = session;
  const native = followedSession(body);
  if (!native) return undefined;
  const agent = agentById(native.agent);
  // Not the list that is shown: it may be older than the agent's last start, and to read it anew would paint it anew.
  const live = transcriptOf(body, native.id, await agent.find(place.where, place.path));
  if (!live) return undefined;
  const raw = body.source?.raw;
  const common = {
    agent: agent.id,
    transcript: live.transcript,
    folder: place.path,
    sessionId: body.session_id,
    store: place.store,
    now,
    onEvents,
    ...(raw && { raw }),
    // A look at a part of a file must not replace what is known of the whole.
    known: (key: string) => session.cache.get(key),
  };
  const follow = async (from: FollowOptions['from']): Promise<Followed> => ({
    agent,
    follower: await followTranscript({ ...common, from }),
    transcript: live.transcript,
  });
  if (agent.layout(live.transcript).kind !== 'lines') return ifSame(await follow({ held: () => heldBy(session) }));
  const mirror = mirrorOf(place, body);
  if (body.source?.native_id === native.id && raw && mirror !== undefined) {
    const followed = await ifSame(await follow({ bytes: raw.bytes, mirror }));
    if (followed) return followed;
  }
  const from = await continues(session, agent, live);
  return from && ifSame(await follow(from));
}

/** An agent may have begun a second file for a session that it has: the one that was saved, else the longest. */
function transcriptOf(body: SnapshotBody, id: string, all: readonly LiveSession[]): LiveSession | undefined {
  const own = all.filter(({ nativeId }) => nativeId === id);
  const longest = own.reduce<LiveSession | undefined>(
    (best, one) => (best && best.bytes >= one.bytes ? best : one),
    undefined,
  );
  return own.find(({ transcript }) => transcript === body.source?.transcript) ?? longest;
}

/** The first look tells whether the transcript still begins as it did. */
async function ifSame(followed: Followed): Promise<Followed | undefined> {
  if ((await followed.follower.poll()).kind !== 'replaced') return followed;
  await followed.follower.close();
  return undefined;
}

/**
 * For a transcript of other bytes (a fork that went on in its agent, or one that was rewritten): reads it whole. If
 * it begins with the messages of the snapshot, its reader tells them and the new ones anew, since they lie at other
 * places in these bytes; of files, only what was done since.
 */
async function continues(
  session: Followable,
  agent: Agent,
  live: LiveSession,
): Promise<FollowOptions['from'] | undefined> {
  const reader = agent.reader(await readerOptions(agent, live.transcript));
  const read = await readRecords(agent, live.transcript, reader);
  if (!read) return undefined;
  const messages = reader.messages();
  const told = new Set<string>();
  const said: Message[] = [];
  for await (const message of heldBy(session)) {
    told.add(message.id);
    // What tools answered is the bulk of a session.
    if (message.role !== 'tool') said.push(message);
  }
  // Ids alone prove nothing: Codex's are numbers. No source: other bytes are compared by what was said.
  const { source: _, ...body } = session.body;
  if (told.size > messages.length || !goesOn({ body, history: said }, { body, history: messages })) return undefined;
  let since = reader.takeTouches().filter(({ messageId }) => !told.has(messageId));
  const takeTouches = (): ReturnType<typeof reader.takeTouches> => {
    const taken = [...since, ...reader.takeTouches()];
    since = [];
    return taken;
  };
  return { reader: { ...reader, takeTouches }, position: read.position };
}

const PAGE = 1000;

/** The messages that lie on the disk of a session. */
async function* heldBy({ place, name }: Followable): AsyncGenerator<Message> {
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') return;
  const { document } = opened;
  try {
    for (let from = 0; from < document.messageCount; from += PAGE)
      yield* await document.messages(from, Math.min(from + PAGE, document.messageCount));
  } finally {
    await document.close();
  }
}
