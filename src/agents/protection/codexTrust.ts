import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { AgentHome } from '../agent.ts';
import { codexHome } from '../codex/places.ts';
import { isSystemError } from '../files.ts';
import { object } from '../shape.ts';
import { ourHooks } from './mergeHooks.ts';

/**
 * Codex has the user's decision in `hooks.state` of its `config.toml`, by the file, the event and the hook's place in it.
 * What was trusted is a hash that only Codex can make, so that a hook that changed since may be taken for trusted here.
 */
export async function isTrustedByCodex(where: AgentHome, file: string, text: string): Promise<boolean> {
  let state: unknown;
  try {
    const config = object(parse(await readFile(join(codexHome(where), 'config.toml'), 'utf8')));
    state = object(config?.['hooks'])?.['state'];
  } catch (error) {
    if (isSystemError(error) || error instanceof TomlError) return false;
    throw error;
  }
  return ourHooks(text).every(({ event, index }) => {
    const name = event.replaceAll(/(?<!^)[A-Z]/g, '_$&').toLowerCase();
    const known = object(object(state)?.[`${file}:${name}:${index}:0`]);
    return typeof known?.['trusted_hash'] === 'string' && known['enabled'] !== false;
  });
}
