import { join } from 'node:path';
import type { AgentConfig } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { optional, parseObject, words } from '../shape.ts';
import { textOf } from './beside.ts';
import { dataFolder } from './places.ts';

/** In which field a provider's model stands, where not in `…ApiModelId`. */
const MODEL_FIELDS: ReadonlyMap<string, string> = new Map([
  ['cline', 'ClineModelId'],
  ['lmstudio', 'LmStudioModelId'],
  ['ollama', 'OllamaModelId'],
  ['openai', 'OpenAiModelId'],
  ['openrouter', 'OpenRouterModelId'],
]);

/**
 * What Cline would run with, as far as `globalState.json` tells, which the command line of version 2 and newer builds of
 * the extension keep. Version 3 has its models in the file of its keys, and older extensions in VS Code's database:
 * neither is opened.
 */
export async function currentConfig(where: AgentHome): Promise<AgentConfig> {
  const state = parseObject((await textOf(join(dataFolder(where), 'globalState.json'))) ?? '');
  const mode = words(state?.['mode']);
  const prefix = mode === 'plan' ? 'planMode' : 'actMode';
  const provider = words(state?.[`${prefix}ApiProvider`]);
  const model =
    provider === undefined ? undefined : words(state?.[`${prefix}${MODEL_FIELDS.get(provider) ?? 'ApiModelId'}`]);
  return {
    name: 'Cline',
    agent_type: 'cline',
    ...optional('llm_provider', provider),
    ...optional('llm_model', model),
    ...optional('mode', mode),
  };
}
