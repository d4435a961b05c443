import type { AgentId, CommandLine } from '../../src/agents/index.ts';
import { chatApi, geminiApi, messagesApi, responsesApi } from '../support/record/modelApis.ts';
import type { ModelApi, ToolCall } from '../support/record/playModel.ts';
import {
  type AgentRun,
  configureCodex,
  configureOpencode,
  runClaude,
  runCodex,
  runCopilot,
  runGemini,
  runOpencode,
} from '../support/record/runAgent.ts';

/** How a test speaks with a real agent. */
export interface RealAgent {
  readonly id: AgentId;
  readonly label: string;
  /** The environment variable that names its program. */
  readonly variable: string;
  readonly api: ModelApi;
  /** Calls of its tools, as its model makes them; `file` is absolute. */
  read(file: string): ToolCall;
  edit(file: string, from: string, to: string): ToolCall;
  shell(command: string): ToolCall;
  /** Of the tool `echo` of an MCP server `sessions`. */
  echo(text: string): ToolCall;
  /** One turn that is not interactive, of a new session or of `nativeId`, which `provider` answered before. */
  turn(run: AgentRun, prompt: string, nativeId?: string, provider?: string): Promise<void>;
  /** Its own settings, where they count before its first run. */
  configure?(run: AgentRun): void;
  /** A command that our own code wants to be run before a session is resumed. */
  prepare?(run: AgentRun, command: CommandLine): Promise<void>;
  /** To whom its session is handed over. */
  readonly next: AgentId;
}

const patch = (file: string, from: string, to: string): string =>
  `*** Begin Patch\n*** Update File: ${file}\n@@\n-${from}\n+${to}\n*** End Patch`;

export const realAgents: readonly RealAgent[] = [
  {
    id: 'claude-code',
    label: 'Claude Code',
    variable: 'HOLDFAST_CLAUDE',
    api: messagesApi,
    read: (file_path) => ({ tool: 'Read', args: { file_path } }),
    edit: (file_path, old_string, new_string) => ({ tool: 'Edit', args: { file_path, old_string, new_string } }),
    shell: (command) => ({ tool: 'Bash', args: { command, description: 'A command' } }),
    echo: (text) => ({ tool: 'mcp__sessions__echo', args: { text } }),
    async turn(run, prompt, nativeId) {
      const resume = nativeId === undefined ? [] : ['--resume', nativeId];
      const rights = ['--permission-mode', 'acceptEdits', '--allowedTools=Bash,mcp__sessions__echo'];
      await runClaude(run, ['--output-format', 'json', ...rights, ...resume, prompt]);
    },
    next: 'codex',
  },
  {
    id: 'codex',
    label: 'Codex',
    variable: 'HOLDFAST_CODEX',
    api: responsesApi,
    read: (file) => ({ tool: 'exec_command', args: { cmd: `cat ${file}` } }),
    edit: (file, from, to) => ({ tool: 'apply_patch', input: patch(file, from, to) }),
    shell: (cmd) => ({ tool: 'exec_command', args: { cmd } }),
    echo: (text) => ({ tool: 'echo', namespace: 'mcp__sessions', args: { text } }),
    configure: configureCodex,
    async turn(run, prompt, nativeId, provider) {
      const session = nativeId === undefined ? [] : ['resume'];
      const model = provider === undefined ? [] : ['-c', `model_provider=${provider}`];
      // The review of a hook is a person's; a test has none.
      const flags = ['--disable', 'plugins', '--json', '--dangerously-bypass-hook-trust', ...model];
      await runCodex(run, [...session, ...flags, ...(nativeId === undefined ? [] : [nativeId]), prompt]);
    },
    next: 'gemini',
  },
  {
    id: 'gemini',
    label: 'Gemini CLI',
    variable: 'HOLDFAST_GEMINI',
    api: geminiApi,
    read: (file_path) => ({ tool: 'read_file', args: { file_path } }),
    edit: (file_path, old_string, new_string) => ({
      tool: 'replace',
      args: { file_path, instruction: 'Change it', old_string, new_string },
    }),
    shell: (command) => ({ tool: 'run_shell_command', args: { command } }),
    echo: (text) => ({ tool: 'mcp_sessions_echo', args: { text } }),
    async turn(run, prompt, nativeId) {
      await runGemini(run, ['-p', prompt, ...(nativeId === undefined ? [] : ['--resume', nativeId])]);
    },
    next: 'opencode',
  },
  {
    id: 'opencode',
    label: 'opencode',
    variable: 'HOLDFAST_OPENCODE',
    api: chatApi,
    read: (filePath) => ({ tool: 'read', args: { filePath } }),
    edit: (filePath, oldString, newString) => ({ tool: 'edit', args: { filePath, oldString, newString } }),
    shell: (command) => ({ tool: 'bash', args: { command, description: 'A command' } }),
    echo: (text) => ({ tool: 'sessions_echo', args: { text } }),
    async turn(run, prompt, nativeId) {
      const session = nativeId === undefined ? [] : ['-s', nativeId];
      // A session that another model answered goes on with ours only when told so.
      await runOpencode(run, ['run', '--format', 'json', '--model', 'fake/fake-model', ...session, prompt]);
    },
    configure: configureOpencode,
    async prepare(run, { args }) {
      await runOpencode(run, args);
    },
    next: 'codex',
  },
  {
    id: 'copilot-cli',
    label: 'GitHub Copilot CLI',
    variable: 'HOLDFAST_COPILOT',
    api: chatApi,
    read: (path) => ({ tool: 'view', args: { path } }),
    edit: (path, old_str, new_str) => ({ tool: 'edit', args: { path, old_str, new_str } }),
    shell: (command) => ({ tool: 'bash', args: { command, description: 'A command' } }),
    echo: (text) => ({ tool: 'sessions-echo', args: { text } }),
    async turn(run, prompt, nativeId) {
      await runCopilot(run, ['-p', prompt, ...(nativeId === undefined ? [] : [`--resume=${nativeId}`])]);
    },
    next: 'gemini',
  },
];
