import { join } from 'node:path';
import { parse, stringify, TomlError } from 'smol-toml';
import { codexHome } from '../codex/places.ts';
import { field, newDocument, putLast, rootObject } from '../protection/jsonText.ts';
import type { Merged } from '../protection/mergeHooks.ts';
import type { ProtectedAgent } from '../protection/protectedAgents.ts';
import type { ProtectionOptions } from '../protection/protection.ts';
import { object } from '../shape.ts';

/** A server that an agent starts and speaks with over its standard input and output. */
export interface McpServer {
  /** Letters, digits, `-` and `_`: it becomes a part of the names of its tools. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The file that an agent reads its MCP servers from; undefined where it has none of its own for the user that could be
 * edited while it runs (Claude Code keeps its own state in that file). All were tried with the real programs for a
 * project (AGENT-CLIS 2 to 6); Codex, Gemini CLI and Copilot CLI start a project's servers only where it is trusted.
 */
export function mcpFile({ agent, scope, folder, where }: Omit<ProtectionOptions, 'command'>): string | undefined {
  const mine = scope === 'user';
  const { env, home } = where;
  switch (agent) {
    case 'claude-code':
      return mine ? undefined : join(folder, '.mcp.json');
    case 'codex':
      return join(mine ? codexHome(where) : join(folder, '.codex'), 'config.toml');
    case 'gemini':
      return join(mine ? env?.['GEMINI_CLI_HOME'] || home : folder, '.gemini', 'settings.json');
    case 'opencode':
      return join(mine ? join(env?.['XDG_CONFIG_HOME'] || join(home, '.config'), 'opencode') : folder, 'opencode.json');
    case 'copilot-cli':
      return mine
        ? join(env?.['COPILOT_HOME'] || join(home, '.copilot'), 'mcp-config.json')
        : join(folder, '.mcp.json');
  }
}

/** The text of that file with the server in it; `undefined` is a file that is not there. What stands there stays, byte for byte. */
export function withMcpServer(
  agent: ProtectedAgent,
  text: string | undefined,
  server: McpServer,
): Merged | { readonly kind: 'taken' } {
  if (!/^[\w-]{1,64}$/.test(server.name)) throw new RangeError('a name that cannot be part of the names of tools');
  return agent === 'codex' ? inToml(text ?? '', server) : inJson(agent, text, server);
}

function inJson(
  agent: Exclude<ProtectedAgent, 'codex'>,
  text: string | undefined,
  { name, command, args }: McpServer,
): Merged | { readonly kind: 'taken' } {
  const key = agent === 'opencode' ? 'mcp' : 'mcpServers';
  const value =
    agent === 'opencode'
      ? { type: 'local', command: [command, ...args], enabled: true }
      : { ...(agent === 'copilot-cli' ? { type: 'local', tools: ['*'] } : {}), command, args };
  if (text === undefined || text.trim() === '')
    return { kind: 'merged', text: newDocument({ [key]: { [name]: value } }) };
  const root = rootObject(text);
  if (root === undefined) return { kind: 'not-json' };
  const servers = field(root, key);
  if (servers === undefined) return { kind: 'merged', text: putLast(text, root, { [name]: value }, key) };
  if (servers.type !== 'object') return { kind: 'other-shape', detail: key };
  if (field(servers, name) !== undefined) return { kind: 'taken' };
  return { kind: 'merged', text: putLast(text, servers, value, name) };
}

/** A table at the end belongs to nothing before it, so nothing else of a TOML text need be understood to be kept. */
function inToml(text: string, { name, command, args }: McpServer): Merged | { readonly kind: 'taken' } {
  try {
    const servers = parse(text)['mcp_servers'];
    if (servers !== undefined && object(servers) === undefined) return { kind: 'other-shape', detail: 'mcp_servers' };
    if (Object.hasOwn(object(servers) ?? {}, name)) return { kind: 'taken' };
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const gap = text === '' ? '' : text.endsWith('\n') ? eol : `${eol}${eol}`;
    const table = stringify({ mcp_servers: { [name]: { command, args } } }).trimEnd();
    const after = `${text}${gap}${table.replaceAll('\n', eol)}${eol}`;
    // Where `mcp_servers` is written in one line, no table can be added to it.
    parse(after);
    return { kind: 'merged', text: after };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { kind: 'not-json' };
  }
}
