import { join } from 'node:path';
import type { AgentConfig } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { readSettings } from '../readSettings.ts';
import { optional, words } from '../shape.ts';
import { COPILOT_CONFIG } from './factLog.ts';
import { copilotHome } from './places.ts';

/**
 * What the GitHub Copilot CLI would run with, as far as its settings tell: the user's, the repository's, the user's own
 * for this repository, the last of them first. Up to 1.0.3x the user's stood in `config.json`.
 */
export async function currentConfig(where: AgentHome, folder: string): Promise<AgentConfig> {
  const files = [
    join(copilotHome(where), 'config.json'),
    join(copilotHome(where), 'settings.json'),
    join(folder, '.github', 'copilot', 'settings.json'),
    join(folder, '.github', 'copilot', 'settings.local.json'),
  ];
  let model: string | undefined;
  let effort: string | undefined;
  for (const file of files) {
    const settings = await readSettings(file);
    model = words(settings?.['model']) ?? model;
    effort = words(settings?.['effortLevel']) ?? words(settings?.['reasoningEffort']) ?? effort;
  }
  // `auto` leaves it to the agent: not comparable with the model that a transcript records.
  return {
    ...COPILOT_CONFIG,
    ...optional('llm_model', model === 'auto' ? undefined : model),
    ...optional('reasoning_effort', effort),
  };
}
