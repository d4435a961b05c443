import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'jsonc-parser';
import type { AgentConfig } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { isSystemError } from '../files.ts';
import { type JsonObject, object, objects, optional, words } from '../shape.ts';

const NAMES = ['opencode.json', 'opencode.jsonc'] as const;

/**
 * What opencode would run with, as far as its settings tell: the user's, then the file that `OPENCODE_CONFIG` names, then
 * those of the folders from the repository's root down to this one; without any, the model that was chosen last.
 */
export async function currentConfig(where: AgentHome, folder: string): Promise<AgentConfig> {
  const user = join(where.env?.['XDG_CONFIG_HOME'] || join(where.home, '.config'), 'opencode');
  const named = where.env?.['OPENCODE_CONFIG'];
  const files = [
    ...['config.json', ...NAMES].map((name) => join(user, name)),
    ...(named ? [resolve(folder, named)] : []),
    ...(await projectFolders(folder)).flatMap((path) => NAMES.map((name) => join(path, name))),
    ...NAMES.map((name) => join(folder, '.opencode', name)),
  ];
  const settings = (await Promise.all(files.map(readSettings))).filter((one) => one !== undefined);
  const last = (field: string): string | undefined => settings.map((one) => words(one[field])).findLast(Boolean);
  const mode = last('default_agent') ?? 'build';
  const ofMode = (field: string): string | undefined =>
    settings.map((one) => words(object(object(one[field])?.[mode])?.['model'])).findLast(Boolean);
  const model = ofMode('agent') ?? ofMode('mode') ?? last('model') ?? (await lastModel(where));
  const [, provider, name] = /^([^/]+)\/(.+)$/.exec(model ?? '') ?? [];
  return {
    name: 'opencode',
    agent_type: 'opencode',
    ...optional('llm_provider', provider),
    ...optional('llm_model', name ?? model),
    ...optional('mode', last('default_agent')),
  };
}

async function lastModel(where: AgentHome): Promise<string | undefined> {
  const state = join(where.env?.['XDG_STATE_HOME'] || join(where.home, '.local', 'state'), 'opencode', 'model.json');
  const [recent] = objects((await readSettings(state))?.['recent']);
  const [provider, model] = [words(recent?.['providerID']), words(recent?.['modelID'])];
  return provider === undefined || model === undefined ? undefined : `${provider}/${model}`;
}

/** The folder and those above it, up to the root of its repository; outside of one, the folder alone. Outermost first. */
async function projectFolders(folder: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for (let path = resolve(folder); ; path = dirname(path)) {
    folders.unshift(path);
    if (await exists(join(path, '.git'))) return folders;
    if (dirname(path) === path) return [resolve(folder)];
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** A file that is missing or no JSON tells nothing. */
async function readSettings(file: string): Promise<JsonObject | undefined> {
  try {
    return object(parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
