import type { Agent, AgentId } from './agent.ts';
import { claudeCode } from './claudeCode/index.ts';
import { cline } from './cline/index.ts';
import { codex } from './codex/index.ts';
import { copilotChat } from './copilotChat/index.ts';
import { copilotCli } from './copilotCli/index.ts';
import { headOf, withFile } from './files.ts';
import { gemini } from './gemini/index.ts';
import { helloAgents } from './helloAgents/index.ts';
import { messages } from './messages/index.ts';
import { opencode } from './opencode/index.ts';
import { rooCode } from './rooCode/index.ts';

const HEAD_BYTES = 64 * 1024;

export const agents: readonly Agent[] = [
  claudeCode,
  codex,
  gemini,
  opencode,
  copilotCli,
  copilotChat,
  rooCode,
  cline,
  helloAgents,
  messages,
];

export function agentById(id: AgentId): Agent;
export function agentById(id: string): Agent | undefined;
export function agentById(id: string): Agent | undefined {
  return agents.find((agent) => agent.id === id);
}

/** An agent that is not of the list may be given as it is. */
export function agentOf(agent: Agent | AgentId): Agent {
  return typeof agent === 'string' ? agentById(agent) : agent;
}

/** Whose transcript a file is; undefined for anything else, a Holdfast snapshot included. */
export async function detectAgent(file: string): Promise<Agent | undefined> {
  const head = (await withFile(file, (handle) => headOf(handle, HEAD_BYTES))) ?? '';
  return agents.find((agent) => agent.recognises(head, file));
}
