import { basename } from 'node:path';
import {
  bindTouches,
  createPacer,
  type Message,
  newSessionId,
  type Problem,
  type ReadCacheEntry,
  readWorkspace,
  SCHEMA,
  type Session,
  type SessionStore,
  type SnapshotBody,
  toolHash,
  toolSchemaHash,
} from '../core/index.ts';
import type { Agent, AgentId, TranscriptCounts, TranscriptFacts, TranscriptReader } from './agent.ts';
import { agentOf, detectAgent } from './agents.ts';
import { fileState, isInside, realPath } from './files.ts';
import { holdsMore, mirrorUpTo } from './mirrorUpTo.ts';
import { offloadBlobs } from './offload.ts';
import { hookStamps, withHookStamps } from './protection/hookStamps.ts';
import { fileOf, readerOptions, readRecords } from './readRecords.ts';
import type { ReadPosition } from './readTranscript.ts';
import { optional } from './shape.ts';

export interface ImportOptions {
  /** Absent: found out from the file. */
  readonly agent?: Agent | AgentId;
  /** The workspace folder that the session will belong to, absolute. */
  readonly folder: string;
  /** The folder as the transcript names it; absent: the transcript's own cwd. */
  readonly fromFolder?: string;
  /** Where raw bytes are mirrored and images and big outputs go; without a store all content stays in the session. */
  readonly store?: SessionStore;
  /** Of a session that is saved again; absent: a new one. */
  readonly sessionId?: string;
  /** ms since the epoch */
  readonly now: () => number;
  /** Hex digits, at least 8. */
  readonly random: () => string;
  readonly signal?: AbortSignal;
  /** Bytes read so far, and how many there are. */
  readonly onProgress?: (bytes: number, of: number) => void;
}

export type ImportOutcome =
  | {
      readonly kind: 'imported';
      readonly agent: AgentId;
      readonly session: Session;
      readonly counts: TranscriptCounts;
      readonly problems: readonly Problem[];
      /** The reader, and how far it is: a follower goes on from here. */
      readonly reader: TranscriptReader;
      readonly position: ReadPosition;
    }
  /** No agent's transcript. */
  | { readonly kind: 'unrecognised' }
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] };

/**
 * Makes a session of a transcript: conversation, configuration, tools, usage and the read-cache. Content never makes it
 * throw; what is wrong with it is in `problems`. The transcript is only read. Aborting rejects with the signal's reason.
 */
export async function importTranscript(file: string, options: ImportOptions): Promise<ImportOutcome> {
  const agent = options.agent === undefined ? await detectAgent(file) : agentOf(options.agent);
  const state = await fileState(agent === undefined ? file : fileOf(agent, file));
  if (state === undefined) return { kind: 'unreadable', problems: [{ code: 'unreadable' }] };
  if (state.size === 0) return { kind: 'unreadable', problems: [{ code: 'empty-file' }] };
  if (agent === undefined) return { kind: 'unrecognised' };
  const read = await readWhole(agent, file, options);
  if (read === undefined) return { kind: 'unreadable', problems: [{ code: 'unreadable' }] };

  const { reader } = read;
  const facts = reader.facts();
  const readCache = await boundTouches(reader, facts, options);
  // From here on the store is written to: who aborts later is too late, and nothing is left half done.
  options.signal?.throwIfAborted();
  const history = await storedHistory(reader.messages(), options.store);
  // What is in the session has been told: a follower goes on with what comes after.
  reader.takeEvents();
  const body = await makeBody(agent, file, read.position, facts, readCache, history, options);
  return {
    kind: 'imported',
    agent: agent.id,
    session: { body, history },
    counts: reader.counts(),
    problems: [...read.problems, ...reader.problems()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    reader,
    position: read.position,
  };
}

/** A transcript that was replaced or cut while it was read is read again; one that only grew is not. */
async function readWhole(
  agent: Agent,
  file: string,
  options: ImportOptions,
): Promise<{ reader: TranscriptReader; problems: readonly Problem[]; position: ReadPosition } | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await fileState(fileOf(agent, file));
    const reader = agent.reader(await readerOptions(agent, file));
    const read = await readRecords(agent, file, reader, {
      ...optional('signal', options.signal),
      onProgress: (bytes) => options.onProgress?.(bytes, before?.size ?? bytes),
    });
    const after = await fileState(fileOf(agent, file));
    if (read === undefined || before === undefined || after === undefined) return undefined;
    const { position } = read;
    const isDatabase = agent.layout(file).kind === 'rows';
    const sameFile =
      isDatabase || (before.ino === after.ino && after.size >= position.bytes && after.size >= before.size);
    if (sameFile || attempt === 3) {
      const problems = sameFile ? read.problems : [...read.problems, { code: 'truncated' } as const];
      return { reader, problems, position };
    }
  }
}

async function boundTouches(
  reader: TranscriptReader,
  facts: TranscriptFacts,
  options: ImportOptions,
): Promise<Record<string, ReadCacheEntry>> {
  const numbers = new Map(reader.messages().map((message, index) => [message.id, index + 1]));
  const here = await isHere(facts, options);
  const told = await bindTouches(reader.takeTouches(), {
    folder: options.folder,
    messageNumber: (id) => numbers.get(id),
    now: options.now,
    ...optional('fromFolder', options.fromFolder ?? (here ? undefined : facts.cwd)),
    ...optional('signal', options.signal),
  });
  const { agent, native_id: nativeId } = facts.source;
  if (!here || nativeId === undefined) return told;
  return withHookStamps(told, await hookStamps(options.folder, agent, nativeId));
}

/** Whether the agent worked in the folder that the session will belong to. */
async function isHere({ cwd }: TranscriptFacts, { folder }: ImportOptions): Promise<boolean> {
  return cwd !== undefined && isInside(await realPath(folder), await realPath(cwd));
}

async function storedHistory(
  messages: readonly Message[],
  store: SessionStore | undefined,
): Promise<readonly Message[]> {
  if (store === undefined) return messages;
  const stored: Message[] = [];
  const pace = createPacer();
  for (const message of messages) {
    await pace();
    stored.push(typeof message.content === 'string' ? message : await offloadBlobs(message, store));
  }
  return stored;
}

async function makeBody(
  agent: Agent,
  file: string,
  position: ReadPosition,
  facts: TranscriptFacts,
  readCache: Record<string, ReadCacheEntry>,
  history: readonly Message[],
  options: ImportOptions,
): Promise<SnapshotBody> {
  const created = facts.createdAt ?? new Date(options.now()).toISOString();
  const sessionId = options.sessionId ?? newSessionId(options.now, options.random);
  const raw = await mirrorUpTo(options.store, agent, sessionId, file, {
    read: position.bytes,
    anew: (mirror) => holdsMore(agent, mirror, history),
  });
  const tools = facts.tools?.map((tool) => ({ ...tool, hash: toolHash(tool) }));
  return {
    schema: SCHEMA,
    session_id: sessionId,
    ...optional('title', facts.title),
    created_at: created,
    source: { ...facts.source, transcript: file, ...optional('cwd', facts.cwd), ...optional('raw', raw) },
    agent_config: facts.config,
    // A session of this folder is saved with the folder's state, one from elsewhere with what its transcript recorded.
    workspace: (await isHere(facts, options))
      ? await readWorkspace(options.folder)
      : { ...facts.workspace, folder: basename(options.folder) },
    metadata: facts.metadata,
    message_count: history.length,
    ...(tools === undefined ? {} : { tool_schema_hash: toolSchemaHash(tools) }),
    read_cache: readCache,
    ...optional('tools', tools),
  };
}
