import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { AgentConfig } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { isSystemError } from '../files.ts';
import { type JsonObject, object, optional, words } from '../shape.ts';
import { codexHome } from './places.ts';

/** What Codex would run with, as far as its `config.toml` tells. */
export async function currentConfig(where: AgentHome): Promise<AgentConfig> {
  const config = await readConfig(where);
  const profile = object(object(config?.['profiles'])?.[words(config?.['profile']) ?? '']);
  const field = (name: string): string | undefined => words(profile?.[name]) ?? words(config?.[name]);
  return {
    name: 'Codex',
    agent_type: 'codex',
    ...optional('llm_model', field('model')),
    ...optional('llm_provider', field('model_provider')),
    ...optional('reasoning_effort', field('model_reasoning_effort')),
    ...optional('approval_policy', field('approval_policy')),
    ...optional('sandbox', field('sandbox_mode')),
  };
}

/** A file that is missing or no TOML tells nothing. */
export async function readConfig(where: AgentHome): Promise<JsonObject | undefined> {
  try {
    return object(parse(await readFile(join(codexHome(where), 'config.toml'), 'utf8')));
  } catch (error) {
    if (isSystemError(error) || error instanceof TomlError) return undefined;
    throw error;
  }
}
