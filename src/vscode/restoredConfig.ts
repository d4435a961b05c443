import { agentById } from '../agents/index.ts';
import type { ConfigChange, Decision, SnapshotBody } from '../core/index.ts';

/** Whether the agent can be started with a saved value, or will be. */
export type Restoration = 'possible' | 'chosen';

/** What a restored model may be called: it becomes a word of a command line. */
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}$/;

/** Of a difference in the configuration: whether *Resume in Terminal* can start, or will start, the agent with what was saved. */
export function restorationOf(
  body: SnapshotBody,
  decisions: readonly Decision[],
  { field }: ConfigChange,
): Restoration | undefined {
  if (field !== 'llm_model' || savedModel(body) === undefined) return undefined;
  return decisions.some(({ action }) => action === 'restore-config') ? 'chosen' : 'possible';
}

/** The model that somebody chose to restore. */
export function restoredModel(body: SnapshotBody, decisions: readonly Decision[]): string | undefined {
  return decisions.some(({ action }) => action === 'restore-config') ? savedModel(body) : undefined;
}

function savedModel({ source, agent_config: config }: SnapshotBody): string | undefined {
  const model = config?.llm_model;
  return source && agentById(source.agent) && model !== undefined && MODEL.test(model) ? model : undefined;
}
