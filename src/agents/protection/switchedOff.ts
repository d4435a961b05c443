import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getNodeValue } from 'jsonc-parser';
import { parse, TomlError } from 'smol-toml';
import { configFolder } from '../claudeCode/places.ts';
import { codexHome } from '../codex/places.ts';
import { isSystemError } from '../files.ts';
import { list, object } from '../shape.ts';
import { field, rootObject } from './jsonText.ts';
import type { ProtectionOptions } from './protection.ts';
import { hooksFile } from './wantedHooks.ts';

/** Settings of a whole machine, which count more than those of its users. */
export function machineSettings(agent: 'claude-code' | 'gemini', platform = process.platform): string {
  const [mac, windows, other] =
    agent === 'claude-code'
      ? (['ClaudeCode', 'ClaudeCode', 'claude-code'] as const)
      : (['GeminiCli', 'gemini-cli', 'gemini-cli'] as const);
  const name = agent === 'claude-code' ? 'managed-settings.json' : 'settings.json';
  if (platform === 'darwin') return `/Library/Application Support/${mac}/${name}`;
  if (platform !== 'win32') return `/etc/${other}/${name}`;
  return agent === 'claude-code' ? `C:\\Program Files\\${windows}\\${name}` : `C:\\ProgramData\\${windows}\\${name}`;
}

/**
 * True where the agent's settings tell it to run no hooks of users, or not these (Claude Code 2.1: `disableAllHooks`,
 * `allowManagedHooksOnly`; Gemini CLI 0.61: `hooksConfig.enabled`, `hooksConfig.disabled`; Codex 0.169:
 * `features.hooks`), so that what is installed protects nothing.
 */
export async function isSwitchedOff(
  options: ProtectionOptions,
  commands: readonly string[],
  machine: (agent: 'claude-code' | 'gemini') => string = machineSettings,
): Promise<boolean> {
  const { agent, folder, where } = options;
  const mine = hooksFile({ ...options, scope: 'user' });
  const projects = hooksFile({ ...options, scope: 'project' });
  switch (agent) {
    case 'claude-code': {
      const managed = machine('claude-code');
      if ((await valueIn(managed, 'allowManagedHooksOnly')) === true) return true;
      const files = [
        managed,
        projects,
        join(folder, '.claude', 'settings.json'),
        join(configFolder(where), 'settings.json'),
      ];
      const said = await firstIn(files, 'disableAllHooks');
      return said !== undefined && said !== null && said !== false && said !== 'false';
    }
    case 'gemini': {
      const files = [machine('gemini'), projects, mine];
      for (const file of files)
        if (list(await valueIn(file, 'hooksConfig', 'disabled')).some((name) => commands.includes(String(name))))
          return true;
      return (await firstIn(files, 'hooksConfig', 'enabled')) === false;
    }
    case 'codex':
      for (const file of [join(folder, '.codex', 'config.toml'), join(codexHome(where), 'config.toml')]) {
        const said = object((await toml(file))?.['features'])?.['hooks'];
        if (said !== undefined) return said === false;
      }
      return false;
    case 'opencode':
    case 'copilot-cli':
      return false;
  }
}

async function firstIn(files: readonly string[], ...names: readonly string[]): Promise<unknown> {
  for (const file of files) {
    const said = await valueIn(file, ...names);
    if (said !== undefined) return said;
  }
  return undefined;
}

/** Undefined also where a file cannot be read: the agent finds nothing in it either. */
async function valueIn(file: string, ...names: readonly string[]): Promise<unknown> {
  const root = rootObject((await textOf(file)) ?? '');
  const node = names.reduce((at, name) => field(at, name), root);
  return node === undefined ? undefined : getNodeValue(node);
}

async function toml(file: string) {
  try {
    return object(parse((await textOf(file)) ?? ''));
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
