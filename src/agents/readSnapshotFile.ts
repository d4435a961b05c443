import { constants } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import {
  inlineBlobs,
  type Message,
  nameProblem,
  newSessionId,
  openStore,
  type Problem,
  type Session,
  type SessionStore,
} from '../core/index.ts';
import type { ImportOutcome } from './importTranscript.ts';
import { offloadBlobs } from './offload.ts';

type NotRead = Exclude<ImportOutcome, { readonly kind: 'imported' }>;

/** Where the session will be saved. */
export interface SnapshotTarget {
  readonly store: SessionStore;
  /** ms since the epoch */
  readonly now: () => number;
  /** Hex digits, at least 8. */
  readonly random: () => string;
}

export interface ReadSnapshot {
  readonly kind: 'imported';
  readonly session: Session;
  readonly problems: readonly Problem[];
}

/**
 * A snapshot or an export from anywhere, as a session for this folder's store. It is read where it lies, so that a
 * journal and blobs beside it count. (A HelloAgents session is a transcript of its agent, whoever looks at it.) Its name is the file's, which may be one that no session can have.
 */
export async function readSnapshotFile(context: SnapshotTarget, file: string): Promise<ReadSnapshot | NotRead> {
  const name = basename(file, extname(file));
  const isAlone = basename(dirname(file)) === '';
  if (extname(file) === '.json' && nameProblem(name) === undefined && !isAlone) {
    return load(context, dirname(file), name);
  }
  // A name that no session can have, or a file at the root of a disk, which is no sessions' folder: read a copy.
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-import-'));
  try {
    await copyFile(file, join(folder, 'import.json'), constants.COPYFILE_FICLONE);
    const read = await load(context, folder, 'import');
    if (read.kind !== 'imported') return read;
    return { ...read, session: { ...read.session, body: { ...read.session.body, name } } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function load(context: SnapshotTarget, root: string, name: string): Promise<ReadSnapshot | NotRead> {
  const { now, random } = context;
  const theirs = openStore({ folder: dirname(root), sessionsFolder: basename(root), now, random });
  try {
    const loaded = await theirs.load(name);
    if (loaded.kind !== 'loaded') {
      // A document that only ends too early was a session once; any other may be anything.
      const problems = loaded.kind === 'unreadable' ? loaded.problems : [];
      return problems.some(({ code }) => code === 'truncated')
        ? { kind: 'unreadable', problems }
        : { kind: 'unrecognised' };
    }
    const { session, problems } = loaded;
    const history: Message[] = [];
    for (const message of session.history) {
      history.push(await offloadBlobs(await inlineBlobs(message, theirs), context.store));
    }
    const imported = { history, body: await ownBody(context, session.body) };
    return { kind: 'imported', session: imported, problems };
  } finally {
    await theirs.close();
  }
}

/** The body without what belongs to the other place: its revision, its mirrored transcript, an identity that is taken here. */
async function ownBody(context: SnapshotTarget, body: Session['body']): Promise<Session['body']> {
  const { revision: _, source, ...rest } = body;
  const { raw: __, ...origin } = source ?? { agent: '' };
  const taken = (await context.store.list()).some(({ head }) => head?.session_id === body.session_id);
  return {
    ...rest,
    ...(source === undefined ? {} : { source: origin as NonNullable<typeof source> }),
    ...(taken ? { session_id: newSessionId(context.now, context.random) } : {}),
  };
}
