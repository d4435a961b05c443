import { join } from 'node:path';
import type { AgentConfig } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { readSettings } from '../readSettings.ts';
import { object, optional, words } from '../shape.ts';
import { GEMINI_CONFIG } from './facts.ts';
import { geminiFolder } from './places.ts';

/** What the Gemini CLI would run with, as far as its settings files tell: the project's wins. */
export async function currentConfig(where: AgentHome, folder: string): Promise<AgentConfig> {
  let model: string | undefined;
  for (const file of [join(geminiFolder(where), 'settings.json'), join(folder, '.gemini', 'settings.json')]) {
    const settings = await readSettings(file);
    const named = words(object(settings?.['model'])?.['name']) ?? words(settings?.['model']);
    if (named !== undefined) model = named;
  }
  return { ...GEMINI_CONFIG, ...optional('llm_model', fullName(model)) };
}

/** `auto` and the like leave it to Gemini: not comparable with the model that a transcript records. */
function fullName(model: string | undefined): string | undefined {
  return model === undefined || /^(?:auto|pro|flash|flash-lite)(?:-|$)/.test(model) ? undefined : model;
}
