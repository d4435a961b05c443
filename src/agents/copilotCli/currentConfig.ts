import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import type { AgentConfig } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { isSystemError } from '../files.ts';
import { type JsonObject, object, optional, words } from '../shape.ts';
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

/** JSON with comments. A file that is missing or something else tells nothing. */
async function readSettings(file: string): Promise<JsonObject | undefined> {
  try {
    return object(parse(await readFile(file, 'utf8'), [], { allowTrailingComma: true }));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
