import { type Agent, agentById, restoreOptions } from '../../agents/index.ts';
import type { AgentConfig, ConfigChange, Decision, SnapshotBody } from '../../core/index.ts';

/** Whether the agent can be started with a saved value, or will be. */
export type Restoration = 'possible' | 'chosen';

/** Of a difference in the configuration: whether *Resume in Terminal* can start, or will start, the agent with what was saved. */
export function restorationOf(
  body: SnapshotBody,
  decisions: readonly Decision[],
  { field }: ConfigChange,
): Restoration | undefined {
  const agent = body.source && agentById(body.source.agent);
  if (!agent || !canRestore(agent, body.agent_config ?? {}, field)) return undefined;
  return isChosen(decisions) ? 'chosen' : 'possible';
}

/** The saved values that somebody chose to restore, where the agent would run with others. */
export function restored(
  agent: Agent,
  { agent_config: saved = {} }: SnapshotBody,
  decisions: readonly Decision[],
  now: AgentConfig,
): ReturnType<typeof restoreOptions> {
  if (!isChosen(decisions)) return {};
  const { llm_model: model, llm_provider: provider } = saved;
  return restoreOptions(agent, {
    ...(model !== undefined && model !== now.llm_model && { llm_model: model }),
    ...(provider !== undefined && provider !== now.llm_provider && { llm_provider: provider }),
  });
}

function canRestore(agent: Agent, { llm_model: model, llm_provider: provider }: AgentConfig, field: string): boolean {
  switch (field) {
    case 'llm_model':
      return model !== undefined && restoreOptions(agent, { llm_model: model }).model !== undefined;
    case 'llm_provider':
      return provider !== undefined && restoreOptions(agent, { llm_provider: provider }).provider !== undefined;
    default:
      return false;
  }
}

function isChosen(decisions: readonly Decision[]): boolean {
  return (
    decisions.findLast(({ action }) => action === 'restore-config' || action === 'keep-config')?.action ===
    'restore-config'
  );
}
