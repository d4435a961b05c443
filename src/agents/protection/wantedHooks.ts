import { join } from 'node:path';
import { configFolder } from '../claudeCode/places.ts';
import { codexHome } from '../codex/places.ts';
import { commandLine, powershellLine } from './hookCommand.ts';
import type { ProtectedAgent } from './protectedAgents.ts';
import type { ProtectionOptions } from './protection.ts';

/** A hook as it stands in a list of an agent's settings: `hooks.<event>`. */
export interface WantedHook {
  readonly event: string;
  readonly value: unknown;
}

/** s; an agent waits no longer for a hook. */
const TIMEOUT = 10;

/**
 * The file that an agent has its hooks in. A project's file of Claude Code is the one that its user keeps to himself:
 * it names a program of this machine. The other agents have no such file.
 */
export function hooksFile({ agent, scope, folder, where }: ProtectionOptions): string {
  const mine = scope === 'user';
  const { env, home } = where;
  switch (agent) {
    case 'claude-code':
      return mine ? join(configFolder(where), 'settings.json') : join(folder, '.claude', 'settings.local.json');
    case 'codex':
      return join(mine ? codexHome(where) : join(folder, '.codex'), 'hooks.json');
    case 'gemini':
      return join(mine ? env?.['GEMINI_CLI_HOME'] || home : folder, '.gemini', 'settings.json');
    case 'opencode': {
      const config = join(env?.['XDG_CONFIG_HOME'] || join(home, '.config'), 'opencode');
      return join(mine ? config : join(folder, '.opencode'), 'plugin', 'holdfast.js');
    }
    case 'copilot-cli': {
      const own = env?.['COPILOT_HOME'] || join(home, '.copilot');
      return join(mine ? own : join(folder, '.github'), 'hooks', 'holdfast.json');
    }
  }
}

/** The hooks of an agent whose settings are JSON. */
export function wantedHooks(
  options: ProtectionOptions & { readonly agent: Exclude<ProtectedAgent, 'opencode'> },
): readonly WantedHook[] {
  const { agent, where, command } = options;
  const line = (event?: string) => commandLine([...command, agent, ...(event === undefined ? [] : [event])], where);
  switch (agent) {
    case 'claude-code': {
      const edits = 'Edit|MultiEdit|Write|NotebookEdit';
      return grouped(line(), TIMEOUT, {
        SessionStart: undefined,
        PreToolUse: edits,
        PostToolUse: `Read|Bash|${edits}`,
        Stop: undefined,
        SessionEnd: undefined,
      });
    }
    case 'codex':
      // Codex reads files by its shell, and a patch may be given to that too.
      return grouped(line(), TIMEOUT, {
        SessionStart: undefined,
        PreToolUse: 'apply_patch|Edit|Write|Bash',
        PostToolUse: 'apply_patch|Edit|Write|Bash',
        Stop: undefined,
        SessionEnd: undefined,
      });
    case 'gemini':
      return grouped(line(), TIMEOUT * 1000, {
        SessionStart: undefined,
        BeforeTool: 'replace|write_file',
        AfterTool: 'read_file|replace|write_file|run_shell_command',
        AfterAgent: undefined,
        SessionEnd: undefined,
      });
    case 'copilot-cli':
      return ['sessionStart', 'preToolUse', 'postToolUse', 'agentStop', 'sessionEnd'].map((event) => ({
        event,
        value: {
          type: 'command',
          bash: line(event),
          powershell: powershellLine([...command, agent, event], where),
          timeoutSec: TIMEOUT,
        },
      }));
  }
}

function grouped(
  command: string,
  timeout: number,
  matchers: Readonly<Record<string, string | undefined>>,
): readonly WantedHook[] {
  return Object.entries(matchers).map(([event, matcher]) => ({
    event,
    value: { ...(matcher === undefined ? {} : { matcher }), hooks: [{ type: 'command', command, timeout }] },
  }));
}
