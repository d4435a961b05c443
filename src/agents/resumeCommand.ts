import type { AgentConfig } from '../core/index.ts';
import type { Agent, AgentHome, NativeForm, ResumeOptions } from './agent.ts';
import { isUuid } from './uuid.ts';

/** Throws for an id that could be anything but an id: it ends up in a terminal. */
export function checkedId(nativeId: string): string {
  if (!isUuid(nativeId)) throw new Error(`not a session id: ${JSON.stringify(nativeId.slice(0, 80))}`);
  return nativeId;
}

/** A first message as the last words of a command line: after `--` it is no flag, whatever it begins with. */
export function promptWords(prompt: string | undefined): readonly string[] {
  return prompt === undefined ? [] : ['--', prompt];
}

/**
 * The same for agents that take it behind `-i` only. A text that begins with a dash would be taken for an option; behind
 * a blank it is not.
 */
export function interactiveWords(prompt: string | undefined): readonly string[] {
  if (prompt === undefined) return [];
  return ['-i', prompt.startsWith('-') ? ` ${prompt}` : prompt];
}

/**
 * True for what may stand on a command line as a model's name, whatever shell reads it: at most 128 letters, digits and
 * `. _ : / @ - [ ]`, the first of them a letter or a digit.
 */
export function isModelName(text: string): boolean {
  return /^[A-Za-z0-9][\w.:/@[\]-]{0,127}$/.test(text);
}

/** The same for a provider's name: also no word that TOML takes for something else than a text. */
export function isProviderName(text: string): boolean {
  return /^[A-Za-z][\w-]{0,63}$/.test(text) && !/^(?:true|false|inf|nan)$/.test(text);
}

/** What of a saved configuration an agent can be resumed with; values that are not safe on a command line are left out. */
export function restoreOptions(
  agent: Pick<Agent, 'native'>,
  { llm_model: model, llm_provider: provider }: AgentConfig,
): Pick<ResumeOptions, 'model' | 'provider'> {
  const can = (field: NativeForm['restorable'][number]): boolean => agent.native?.restorable.includes(field) === true;
  return {
    ...(model !== undefined && can('llm_model') && isModelName(model) ? { model } : {}),
    ...(provider !== undefined && can('llm_provider') && isProviderName(provider) ? { provider } : {}),
  };
}

/** What the command must name so that the agent goes on with a transcript that it has; undefined where that is nothing. */
export async function boundOptions(
  { native }: Pick<Agent, 'native'>,
  where: AgentHome,
  transcript: string,
): Promise<Pick<ResumeOptions, 'provider'> | undefined> {
  const bound = await native?.boundTo?.(where, transcript);
  return bound?.isHere === true ? { provider: bound.provider } : undefined;
}
