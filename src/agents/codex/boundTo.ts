import type { AgentHome } from '../agent.ts';
import { withFile } from '../files.ts';
import { isProviderName } from '../resumeCommand.ts';
import { object, parseObject, words } from '../shape.ts';
import { currentConfig, readConfig } from './currentConfig.ts';
import { firstLine } from './find.ts';

/** Those that Codex brings along. */
const BUILT_IN: ReadonlySet<string> = new Set(['openai', 'ollama', 'lmstudio', 'amazon-bedrock']);

/**
 * Codex (0.169.0) ends with "Cannot change this thread's model provider" where a thread was begun with another provider
 * than the one it would start with, unless it is told the thread's own.
 */
export async function boundTo(
  where: AgentHome,
  transcript: string,
): Promise<{ readonly provider: string; readonly isHere: boolean } | undefined> {
  const meta = object(parseObject((await withFile(transcript, firstLine)) ?? '')?.['payload']);
  const provider = words(meta?.['model_provider']);
  const { llm_provider: configured = 'openai' } = await currentConfig(where);
  if (provider === undefined || provider === configured) return undefined;
  const known = object((await readConfig(where))?.['model_providers']) ?? {};
  // What could be more than a name does not come near a command line.
  return { provider, isHere: isProviderName(provider) && (BUILT_IN.has(provider) || Object.hasOwn(known, provider)) };
}
