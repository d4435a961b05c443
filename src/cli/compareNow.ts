import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { agents } from '../agents/index.ts';
import {
  type AgentConfig,
  affectedMessages,
  agentConfig,
  compareSession,
  createReadCache,
  type DriftReport,
  findMoved,
  type ReadCache,
  readWorkspace,
  type SessionDocument,
  type SnapshotBody,
  sweep,
  type Tool,
  toolListing,
  withCallers,
} from '../core/index.ts';
import type { Context } from './context.ts';
import { type Failed, failed, isFailed, thrownSystemError } from './ending.ts';

/** Files that say what an agent of one's own runs with now. */
export interface NowOptions {
  readonly config?: string;
  readonly tools?: string;
}

export interface Compared {
  readonly report: DriftReport;
  readonly cache: ReadCache;
}

/** Compares a session with what holds now: the folder, the settings of its agent, or what the files say. */
export async function compareNow(
  context: Context,
  document: SessionDocument,
  options: NowOptions,
): Promise<Compared | Failed> {
  const { folder, sessionsFolder, io } = context;
  const { body } = document;
  const config = await configNow(context, body, options.config);
  if (isFailed(config)) return config;
  const tools = await toolsNow(context, options.tools);
  if (isFailed(tools)) return tools;
  const cache = createReadCache(folder, body.read_cache);
  const [workspace, files] = await Promise.all([readWorkspace(folder, { env: io.env }), sweepAndFind()]);
  const report = compareSession(
    { body, history: [] },
    {
      ...(config === undefined ? {} : { config }),
      ...(tools === undefined ? {} : { tools }),
      workspace,
      files,
    },
  );
  // Calls are looked for page by page: a history may be larger than memory.
  const called = await affectedMessages(
    document,
    report.tools.map(({ tool }) => tool),
  );
  return { report: { ...report, tools: withCallers(report.tools, called) }, cache };

  async function sweepAndFind(): Promise<DriftReport['files']> {
    const head = body.workspace?.git?.head;
    return findMoved(cache, await sweep(cache), { head, sessionsFolder, env: io.env });
  }
}

/** The configuration from a file, else what the session's own agent would run with here. */
async function configNow(
  context: Context,
  body: SnapshotBody,
  file: string | undefined,
): Promise<AgentConfig | undefined | Failed> {
  if (file !== undefined) {
    const value = await jsonFile(context, file);
    if (isFailed(value)) return value;
    const config = z.safeParse(agentConfig, value.json);
    return config.success ? config.data : failed('bad-json', file, z.prettifyError(config.error));
  }
  const agent = agents.find(({ id }) => id === body.source?.agent);
  return agent?.currentConfig(context.agentHome, context.folder);
}

async function toolsNow(context: Context, file: string | undefined): Promise<readonly Tool[] | undefined | Failed> {
  if (file === undefined) return undefined;
  const value = await jsonFile(context, file);
  if (isFailed(value)) return value;
  return toolListing(value.json) ?? failed('bad-json', file, 'a whole list of tools with name, description and schema');
}

async function jsonFile({ io }: Context, file: string): Promise<{ readonly json: unknown } | Failed> {
  const path = resolve(io.cwd, file);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return thrownSystemError(error, path);
  }
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    return failed('bad-json', path, error instanceof Error ? error.message : undefined);
  }
}
