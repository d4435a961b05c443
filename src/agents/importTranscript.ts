import { basename } from 'node:path';
import {
  bindTouches,
  type Message,
  newSessionId,
  type Problem,
  readWorkspace,
  SCHEMA,
  type Session,
  type SessionStore,
  type SnapshotBody,
  toolHash,
  toolSchemaHash,
} from '../core/index.ts';
import type { Agent, AgentId, TranscriptCounts, TranscriptFacts, TranscriptReader } from './agent.ts';
import { agentById, detectAgent } from './agents.ts';
import { fileState, isInside, realPath } from './files.ts';
import { mirrorUpTo } from './mirrorUpTo.ts';
import { offloadBlobs } from './offload.ts';
import { fileOf, readerOptions, readRecords } from './readRecords.ts';
import type { ReadPosition } from './readTranscript.ts';
import { optional } from './shape.ts';

export interface ImportOptions {
  /** Absent: found out from the file. */
  readonly agent?: AgentId;
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
  const agent = options.agent === undefined ? await detectAgent(file) : agentById(options.agent);
  const state = await fileState(agent === undefined ? file : fileOf(agent, file));
  if (state === undefined) return { kind: 'unreadable', problems: [{ code: 'unreadable' }] };
  if (state.size === 0) return { kind: 'unreadable', problems: [{ code: 'empty-file' }] };
  if (agent === undefined) return { kind: 'unrecognised' };
  const read = await readWhole(agent, file, options);
  if (read === undefined) return { kind: 'unreadable', problems: [{ code: 'unreadable' }] };

  const { reader } = read;
  const facts = reader.facts();
  const history = await storedHistory(reader.messages(), options);
  // What is in the session has been told: a follower goes on with what comes after.
  reader.takeEvents();
  const body = await makeBody(file, read.position, facts, reader, history, options);
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

async function storedHistory(messages: readonly Message[], options: ImportOptions): Promise<readonly Message[]> {
  const { store } = options;
  if (store === undefined) return messages;
  const stored: Message[] = [];
  for (const message of messages) {
    options.signal?.throwIfAborted();
    stored.push(typeof message.content === 'string' ? message : await offloadBlobs(message, store));
  }
  return stored;
}

async function makeBody(
  file: string,
  position: ReadPosition,
  facts: TranscriptFacts,
  reader: TranscriptReader,
  history: readonly Message[],
  options: ImportOptions,
): Promise<SnapshotBody> {
  const created = facts.createdAt ?? new Date(options.now()).toISOString();
  const sessionId = options.sessionId ?? newSessionId(options.now, options.random);
  const here = facts.cwd !== undefined && isInside(await realPath(options.folder), await realPath(facts.cwd));
  const numbers = new Map(history.map((message, index) => [message.id, index + 1]));
  const readCache = await bindTouches(reader.takeTouches(), {
    folder: options.folder,
    messageNumber: (id) => numbers.get(id),
    now: options.now,
    ...optional('fromFolder', options.fromFolder ?? (here ? undefined : facts.cwd)),
    ...optional('signal', options.signal),
  });
  const raw = await mirrorUpTo(options.store, sessionId, file, position.bytes);
  const tools = facts.tools?.map((tool) => ({ ...tool, hash: toolHash(tool) }));
  return {
    schema: SCHEMA,
    session_id: sessionId,
    ...optional('title', facts.title),
    created_at: created,
    source: { ...facts.source, transcript: file, ...optional('raw', raw) },
    agent_config: facts.config,
    // A session of this folder is saved with the folder's state, one from elsewhere with what its transcript recorded.
    workspace: here ? await readWorkspace(options.folder) : { ...facts.workspace, folder: basename(options.folder) },
    metadata: facts.metadata,
    message_count: history.length,
    ...(tools === undefined ? {} : { tool_schema_hash: toolSchemaHash(tools) }),
    read_cache: readCache,
    ...optional('tools', tools),
  };
}
