import {
  countDrift,
  type DriftKind,
  type DriftPolicies,
  type DriftPolicy,
  type DriftReport,
  decide,
  isClean,
  type SessionDocument,
  type ToolChange,
} from '../../core/index.ts';
import { compareNow, type NowOptions } from '../compareNow.ts';
import type { Context } from '../context.ts';
import { type Ending, isFailed, openFailed } from '../ending.ts';
import { reportText } from '../reportText.ts';
import { fileJson, problemsJson } from '../shapes.ts';

export interface CheckOptions extends NowOptions {
  readonly policy?: Partial<Record<DriftKind, DriftPolicy>>;
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
  const compared = await compareNow(context, document, options);
  if (isFailed(compared)) return compared;
  const { report, cache } = compared;
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
