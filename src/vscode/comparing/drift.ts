import { l10n } from 'vscode';
import { agentById } from '../../agents/index.ts';
import {
  compareSession,
  type Decision,
  type DriftDecision,
  type DriftKind,
  type DriftPolicies,
  type DriftReport,
  decide,
  findMoved,
  isStale,
  type OpenEditors,
  type ReadCache,
  readWorkspace,
  type SnapshotBody,
  sweep,
  withoutAccepted,
} from '../../core/index.ts';
import type { Place } from '../places.ts';
import { fileCount, listed } from '../words.ts';
import type { CurrentTools } from './currentTools.ts';

/**
 * Compares a saved session with the folder as it is now. The history is not read for that: which messages a change of a
 * tool concerns is asked when somebody wants to know.
 */
export async function driftNow(
  place: Place,
  body: SnapshotBody,
  cache: ReadCache,
  editors: OpenEditors,
  currentTools: CurrentTools,
): Promise<DriftReport> {
  const agent = body.source && agentById(body.source.agent);
  const [config, workspace, files, tools] = await Promise.all([
    agent?.currentConfig(place.where, place.path),
    readWorkspace(place.path),
    sweep(cache, { editors }).then((swept) =>
      findMoved(cache, swept, { head: body.workspace?.git?.head, sessionsFolder: place.sessionsFolder }),
    ),
    currentTools(),
  ]);
  return compareSession(
    { body, history: [] },
    { ...(config && { config }), workspace, files, ...(tools && { tools }) },
  );
}

/**
 * What a load does about a report: nobody is asked again about what was accepted before. Where a policy blocks, nothing
 * can have been accepted.
 */
export function decideOn(report: DriftReport, decisions: readonly Decision[], policies: DriftPolicies): DriftDecision {
  const all = decide(report, policies);
  return all.action === 'block' ? all : decide(withoutAccepted(report, [...decisions]), policies);
}

/** A report of nothing but what `part` says. */
export function onlyOf(part: Partial<DriftReport>): DriftReport {
  return { config: [], tools: [], workspace: [], files: [], notCompared: [], ...part };
}

/** What differs, as the subject of a sentence: `2 files and the model`; empty when nothing does. */
export function driftSubject(report: DriftReport, kinds: readonly DriftKind[]): string {
  const parts: string[] = [];
  const stale = report.files.filter(isStale).length;
  if (kinds.includes('files') && stale > 0) parts.push(fileCount(stale));
  if (kinds.includes('config') && report.config.length > 0) parts.push(...configWords(report));
  if (kinds.includes('tools') && report.tools.length > 0)
    parts.push(report.tools.length === 1 ? l10n.t('1 tool') : l10n.t('{0} tools', report.tools.length));
  if (kinds.includes('workspace') && report.workspace.length > 0) parts.push(workspaceWords(report));
  return listed(parts);
}

function configWords(report: DriftReport): readonly string[] {
  const words = new Set(report.config.map(({ field }) => configFieldShort(field)));
  return words.size > 2 ? [l10n.t('the configuration')] : [...words];
}

function workspaceWords(report: DriftReport): string {
  const fields = new Set(report.workspace.map(({ field }) => field));
  if (fields.has('folder')) return l10n.t('the folder');
  if (fields.has('branch')) return l10n.t('the branch');
  if (fields.has('head')) return l10n.t('the commit');
  return l10n.t('the repository');
}

function configFieldShort(field: string): string {
  switch (field) {
    case 'llm_model':
      return l10n.t('the model');
    case 'llm_provider':
      return l10n.t('the provider');
    case 'agent_version':
      return l10n.t('the agent’s version');
    case 'max_steps':
      return l10n.t('the step limit');
    case 'system_prompt_sha256':
      return l10n.t('the system prompt');
    default:
      return l10n.t('the configuration');
  }
}

export function configFieldName(field: string): string {
  switch (field) {
    case 'llm_model':
      return l10n.t('Model');
    case 'llm_provider':
      return l10n.t('Provider');
    case 'agent_version':
      return l10n.t('Agent version');
    case 'max_steps':
      return l10n.t('Step limit');
    case 'system_prompt_sha256':
      return l10n.t('System prompt');
    case 'agent_type':
      return l10n.t('Agent type');
    case 'name':
      return l10n.t('Agent name');
    default:
      return field;
  }
}

export function driftKindName(kind: DriftKind): string {
  switch (kind) {
    case 'config':
      return l10n.t('Config');
    case 'tools':
      return l10n.t('Tools');
    case 'workspace':
      return l10n.t('Workspace');
    case 'files':
      return l10n.t('Files');
  }
}
