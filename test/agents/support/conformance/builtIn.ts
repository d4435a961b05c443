import { type Agent, type AgentId, agents } from '../../../../src/agents/index.ts';
import type { Samples } from './sample.ts';
import { claudeCodeSamples } from './samples/claudeCode.ts';
import { clineSamples } from './samples/cline.ts';
import { codexSamples } from './samples/codex.ts';
import { copilotChatSamples } from './samples/copilotChat.ts';
import { copilotCliSamples } from './samples/copilotCli.ts';
import { geminiSamples } from './samples/gemini.ts';
import { helloAgentsSamples } from './samples/helloAgents.ts';
import { messagesSamples } from './samples/messages.ts';
import { opencodeSamples } from './samples/opencode.ts';
import { rooCodeSamples } from './samples/rooCode.ts';

const SAMPLES: Readonly<Record<AgentId, Samples>> = {
  'claude-code': claudeCodeSamples,
  codex: codexSamples,
  gemini: geminiSamples,
  'copilot-cli': copilotCliSamples,
  'copilot-chat': copilotChatSamples,
  'roo-code': rooCodeSamples,
  cline: clineSamples,
  opencode: opencodeSamples,
  helloagents: helloAgentsSamples,
  messages: messagesSamples,
};

/** The registered agents with their samples, in the order in which they are asked whose a file is. */
export const builtIn: readonly ({ readonly agent: Agent } & Samples)[] = agents.map((agent) => ({
  agent,
  ...SAMPLES[agent.id],
}));
