import type { AgentId } from '../agent.ts';
import { claudeCode } from './dialects/claudeCode.ts';
import { cline, rooCode } from './dialects/cline.ts';
import { codex } from './dialects/codex.ts';
import { copilotChat, copilotCli, gemini, opencode } from './dialects/others.ts';
import type { Dialect, NativeCall, NeutralCall } from './neutralCall.ts';

/**
 * The tools to read, edit and write a file and to run a command, by agent (FORMATS 0.7). HelloAgents and plain message
 * arrays name tools as their authors like: they have no dialect, and are read in everybody's.
 */
const DIALECTS: Readonly<Partial<Record<AgentId, Dialect>>> = {
  'claude-code': claudeCode,
  codex,
  gemini,
  opencode,
  'copilot-cli': copilotCli,
  'copilot-chat': copilotChat,
  cline,
  'roo-code': rooCode,
};

export function dialectOf(agent: AgentId | undefined): Dialect | undefined {
  return agent === undefined ? undefined : DIALECTS[agent];
}

/** What a call is neutrally, and in whose words; undefined where it is none of the four. */
export function readCall(
  agent: AgentId | undefined,
  call: NativeCall,
): { readonly call: NeutralCall; readonly dialect: Dialect } | undefined {
  const own = dialectOf(agent);
  for (const dialect of own === undefined ? Object.values(DIALECTS) : [own]) {
    const found = dialect.read(call);
    if (found !== undefined) return { call: found, dialect };
  }
  return undefined;
}
