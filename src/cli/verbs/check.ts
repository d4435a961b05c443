import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { agents } from '../../agents/index.ts';
import {
  type AgentConfig,
  agentConfig,
  compareSession,
  countDrift,
  createReadCache,
  type DriftKind,
  type DriftPolicies,
  type DriftPolicy,
  type DriftReport,
  decide,
  isClean,
  readWorkspace,
  type SessionDocument,
  type SnapshotBody,
  sweep,
  type Tool,
  type ToolChange,
} from '../../core/index.ts';
import type { Context } from '../context.ts';
import { type Ending, type Failed, failed, openFailed, thrownSystemError } from '../ending.ts';
import { reportText } from '../reportText.ts';
import { fileJson, problemsJson } from '../shapes.ts';
import { offeredTools } from '../tools.ts';

export interface CheckOptions {
  readonly policy?: Partial<Record<DriftKind, DriftPolicy>>;
  readonly config?: string;
  readonly tools?: string;
}

/** Without a policy everything that differs is worth telling. */
const WARN: DriftPolicies = { config: 'warn', tools: 'warn', workspace: 'warn', files: 'warn' };

export async function check(context: Context, name: string, options: CheckOptions): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { document } = opened;
  try {
    return await checkDocument(context, document, options);
  } finally {
    await document.close();
  }
}

async function checkDocument(context: Context, document: SessionDocument, options: CheckOptions): Promise<Ending> {
  const { name, body } = document;
  const config = await configNow(context, body, options.config);
  if (isFailed(config)) return config;
  const tools = await toolsNow(context, options.tools);
  if (isFailed(tools)) return tools;
  // Only tools are looked for in the history, which may be large.
  const session = tools === undefined ? { body, history: [] } : await document.toSession();
  const cache = createReadCache(context.folder, body.read_cache);
  const [workspace, files] = await Promise.all([readWorkspace(context.folder, { env: context.io.env }), sweep(cache)]);
  const report = compareSession(session, {
    ...(config === undefined ? {} : { config }),
    ...(tools === undefined ? {} : { tools }),
    workspace,
    files,
  });
  const { action } = decide(report, { ...WARN, ...options.policy });
  return {
    kind: action === 'continue' ? 'done' : 'differs',
    json: {
      name,
      session_id: body.session_id,
      clean: isClean(report),
      action,
      ...reportJson(report),
      files: report.files.map((file) => fileJson(file, cache.get(file.key))),
      counts: countDrift(report),
      problems: problemsJson(document.problems),
    },
    text: reportText(name, report),
  };
}

function reportJson(report: DriftReport): Record<string, unknown> {
  return {
    config: report.config,
    tools: report.tools.map(toolJson),
    workspace: report.workspace.map(({ field, saved, now }) => ({ field, saved, now: now ?? null })),
    not_compared: report.notCompared,
  };
}

function toolJson(change: ToolChange): Record<string, unknown> {
  const { tool } = change;
  switch (change.change) {
    case 'added':
      return { tool, change: change.change };
    case 'removed':
      return { tool, change: change.change, used_by: change.usedBy };
    case 'changed': {
      const { effect, parameters, tooBig = false } = change;
      return { tool, change: change.change, effect, parameters, too_big: tooBig, used_by: change.usedBy };
    }
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
  return offeredTools(value.json) ?? failed('bad-json', file, 'an array of tools with name, description and schema');
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

function isFailed(value: unknown): value is Failed {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'failed';
}
