import { isAbsolute } from 'node:path';
import { type ProtectedAgent, shape } from '../agents/index.ts';
import { responseOf, type ToolResponse } from './response.ts';

const { number, object, string } = shape;
type JsonObject = shape.JsonObject;

/** What happened, or is about to: the agents have a name each. */
export type HookEvent = 'before' | 'after' | 'start' | 'turn-end' | 'session-end' | 'other';

/** Whose way of answering is understood. */
export type Dialect = 'claude' | 'gemini' | 'copilot' | 'opencode';

/** One call of a hook, in one shape for all agents. */
export interface HookCall {
  readonly agent: ProtectedAgent;
  readonly event: HookEvent;
  /** As the agent called it. */
  readonly eventName: string;
  readonly dialect: Dialect;
  readonly nativeId: string;
  /** Where the agent works, absolute. */
  readonly cwd: string;
  /** The folder that the agent takes for its project, absolute. */
  readonly folder: string;
  readonly transcript?: string;
  readonly tool: string;
  readonly input: JsonObject;
  readonly response: ToolResponse;
  /** The same for two hooks that fire for one tool call. */
  readonly callKey: string;
  /** A session that begins has read nothing yet. */
  readonly fresh: boolean;
}

const EVENTS: Readonly<Record<string, HookEvent>> = {
  PreToolUse: 'before',
  preToolUse: 'before',
  BeforeTool: 'before',
  'tool.execute.before': 'before',
  PostToolUse: 'after',
  postToolUse: 'after',
  AfterTool: 'after',
  'tool.execute.after': 'after',
  SessionStart: 'start',
  sessionStart: 'start',
  'session.created': 'start',
  Stop: 'turn-end',
  agentStop: 'turn-end',
  AfterAgent: 'turn-end',
  'session.idle': 'turn-end',
  SessionEnd: 'session-end',
  sessionEnd: 'session-end',
};

const DIALECTS: Readonly<Record<ProtectedAgent, Dialect>> = {
  'claude-code': 'claude',
  codex: 'claude',
  gemini: 'gemini',
  opencode: 'opencode',
  'copilot-cli': 'copilot',
};

/**
 * Undefined for what is no call of a hook. `agent` is what the configuration says; Copilot CLI also runs the hooks of
 * Claude Code, with a payload of its own, and is then taken for what it is.
 */
export function hookCall(
  agent: ProtectedAgent,
  named: string | undefined,
  payload: JsonObject,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): HookCall | undefined {
  const own = string(payload['hook_event_name']);
  const eventName = own ?? named ?? '';
  const nativeId = string(payload['session_id']) ?? string(payload['sessionId']);
  if (nativeId === undefined) return undefined;
  const stamp = payload['timestamp'];
  // Claude Code itself names the transcript in every payload, and no time.
  const byCopilot = agent === 'claude-code' && env['COPILOT_CLI'] !== undefined && stamp !== undefined;
  const input = toolInput(payload['tool_input'] ?? payload['toolArgs']);
  const tool = string(payload['tool_name']) ?? string(payload['toolName']) ?? '';
  const transcript = string(payload['transcript_path']) ?? string(payload['transcriptPath']);
  const at = absolute(string(payload['cwd'])) ?? cwd;
  const source = string(payload['source']);
  return {
    agent: byCopilot ? 'copilot-cli' : agent,
    event: Object.hasOwn(EVENTS, eventName) ? (EVENTS[eventName] as HookEvent) : 'other',
    eventName,
    // What Copilot CLI asks as Claude Code would, it wants answered so.
    dialect: DIALECTS[agent],
    nativeId,
    cwd: at,
    folder: projectFolder(byCopilot ? 'copilot-cli' : agent, env) ?? at,
    ...(transcript === undefined || !isAbsolute(transcript) ? {} : { transcript }),
    tool,
    input,
    response: responseOf(payload, input),
    callKey: string(payload['tool_use_id']) ?? string(payload['tool_call_id']) ?? timeKey(stamp),
    fresh: source === 'startup' || source === 'new' || source === 'clear',
  };
}

/** The agents tell their hooks the project in the environment, which does not follow a `cd` of the shell. */
function projectFolder(agent: ProtectedAgent, env: Readonly<Record<string, string | undefined>>): string | undefined {
  switch (agent) {
    case 'claude-code':
      return absolute(env['CLAUDE_PROJECT_DIR']);
    case 'gemini':
      return absolute(env['GEMINI_PROJECT_DIR']);
    case 'copilot-cli':
      return absolute(env['COPILOT_PROJECT_DIR']);
    case 'codex':
    case 'opencode':
      return undefined;
  }
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) && !path.includes('\0') ? path : undefined;
}

/** The arguments of a call: an object, its JSON, or the one text that a free-form tool (`apply_patch`) takes. */
function toolInput(value: unknown): JsonObject {
  const text = string(value);
  return object(value) ?? (text === undefined ? {} : (shape.parseObject(text) ?? { input: text }));
}

/** Both hooks of one call are told the same time, one as a number, one as ISO text. */
function timeKey(stamp: unknown): string {
  const ms = typeof stamp === 'string' ? Date.parse(stamp) : number(stamp);
  return ms === undefined || Number.isNaN(ms) ? '' : String(ms);
}
