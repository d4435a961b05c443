import { constants } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { type ImportOutcome, offloadBlobs } from '../agents/index.ts';
import {
  countTurns,
  type Message,
  nameProblem,
  newSessionId,
  openStore,
  type Problem,
  type Session,
} from '../core/index.ts';
import { inlineBlobs } from './blobs.ts';
import type { Context } from './context.ts';
import type { Counts } from './savedEnding.ts';

type NotRead = Exclude<ImportOutcome, { readonly kind: 'imported' }>;

export interface ReadSnapshot {
  readonly kind: 'imported';
  readonly session: Session;
  readonly counts: Counts;
  readonly problems: readonly Problem[];
}

/**
 * A snapshot, an export or a HelloAgents session from anywhere, as a session for this folder's store. It is read where it lies, so that a journal and blobs beside it count.
 */
export async function readSnapshot(context: Context, file: string): Promise<ReadSnapshot | NotRead> {
  const name = basename(file, extname(file));
  if (extname(file) === '.json' && nameProblem(name) === undefined) return load(context, dirname(file), name);
  // A name that no session can have: read a copy that has another.
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-import-'));
  try {
    await copyFile(file, join(folder, 'import.json'), constants.COPYFILE_FICLONE);
    return await load(context, folder, 'import');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function load(context: Context, root: string, name: string): Promise<ReadSnapshot | NotRead> {
  const { now, random } = context.io;
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
    return { kind: 'imported', session: imported, counts: counts(imported), problems };
  } finally {
    await theirs.close();
  }
}

/** The body without what belongs to the other place: its revision, its mirrored transcript, an identity that is taken here. */
async function ownBody(context: Context, body: Session['body']): Promise<Session['body']> {
  const { revision: _, source, ...rest } = body;
  const { raw: __, ...origin } = source ?? { agent: '' };
  const taken = (await context.store.list()).some(({ head }) => head?.session_id === body.session_id);
  return {
    ...rest,
    ...(source === undefined ? {} : { source: origin as NonNullable<typeof source> }),
    ...(taken ? { session_id: newSessionId(context.io.now, context.io.random) } : {}),
  };
}

function counts({ body, history }: Session): Counts {
  const models = new Set(history.flatMap(({ model }) => (model === undefined ? [] : [model])));
  const usage = Object.values(body.metadata?.by_model ?? {});
  return {
    prompts: countTurns(history),
    assistantMessages: history.filter(({ role }) => role === 'assistant').length,
    toolCalls: history.reduce((sum, { content }) => sum + calls(content), 0),
    models: [...models],
    ...(usage.length === 0
      ? {}
      : {
          tokensIn: usage.reduce((sum, { input }) => sum + input, 0),
          tokensOut: usage.reduce((sum, { output }) => sum + output, 0),
        }),
  };
}

function calls(content: Message['content']): number {
  return typeof content === 'string' ? 0 : content.filter(({ type }) => type === 'tool_call').length;
}
