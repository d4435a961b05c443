import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { isSystemError } from '../files.ts';
import { type JsonObject, object, optional, words } from '../shape.ts';
import { configFolder } from './places.ts';

/** What Claude Code would run with, as far as its settings files tell: the project's local ones win. */
export async function currentConfig(where: AgentHome, folder: string): Promise<AgentConfig> {
  const files = [
    join(configFolder(where), 'settings.json'),
    join(folder, '.claude', 'settings.json'),
    join(folder, '.claude', 'settings.local.json'),
  ];
  let model: string | undefined;
  let mode: string | undefined;
  for (const file of files) {
    const settings = await readSettings(file);
    model = fullName(words(settings?.['model'])) ?? model;
    mode = words(object(settings?.['permissions'])?.['defaultMode']) ?? mode;
  }
  return {
    name: 'Claude Code',
    agent_type: 'claude-code',
    llm_provider: 'anthropic',
    ...optional('llm_model', model),
    ...optional('permission_mode', mode),
  };
}

/** `opus` and the like name whatever is newest: not comparable with the model that a transcript records. */
function fullName(model: string | undefined): string | undefined {
  return model !== undefined && /^(?:default|best|opus|sonnet|haiku|opusplan)(?:\[.*\])?$/.test(model)
    ? undefined
    : model;
}

/** A file that is missing or no JSON tells nothing. */
async function readSettings(file: string): Promise<JsonObject | undefined> {
  try {
    return object(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (isSystemError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
