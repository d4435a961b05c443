import assert from 'node:assert/strict';
import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { mcpFile, withMcpServer } from '../../../src/agents/index.ts';

const server = { name: 'sessions', command: 'node', args: ['/opt/a "quoted" place/mcp.js', '--stdio'] };
const JSON_AGENTS = ['claude-code', 'gemini', 'opencode', 'copilot-cli'] as const;

describe('an MCP server in an agent’s configuration', () => {
  it('stands in the file that the agent reads, of the project or of the user', () => {
    const at = { folder: '/work/shop', where: { home: '/home/me', env: { CODEX_HOME: '/codex' } } };
    assert.equal(mcpFile({ ...at, agent: 'claude-code', scope: 'project' }), '/work/shop/.mcp.json');
    assert.equal(mcpFile({ ...at, agent: 'claude-code', scope: 'user' }), undefined);
    assert.equal(mcpFile({ ...at, agent: 'codex', scope: 'project' }), '/work/shop/.codex/config.toml');
    assert.equal(mcpFile({ ...at, agent: 'codex', scope: 'user' }), '/codex/config.toml');
    assert.equal(mcpFile({ ...at, agent: 'gemini', scope: 'user' }), '/home/me/.gemini/settings.json');
    assert.equal(mcpFile({ ...at, agent: 'opencode', scope: 'project' }), '/work/shop/opencode.json');
    assert.equal(mcpFile({ ...at, agent: 'copilot-cli', scope: 'user' }), '/home/me/.copilot/mcp-config.json');
  });

  it('is added to JSON without touching another byte, comments and other servers included', () => {
    for (const agent of JSON_AGENTS) {
      const key = agent === 'opencode' ? 'mcp' : 'mcpServers';
      const text = `{\r\n  // mine\r\n  "model": "x",\r\n  "${key}": {\r\n    "other": { "url": "u" } // keep\r\n  }\r\n}\r\n`;
      for (const before of [undefined, '', '{}\n', '{ "model": "x" } // end\n', text]) {
        const merged = withMcpServer(agent, before, server);
        assert.ok(merged.kind === 'merged' && merged.text !== undefined);
        const added = parseJsonc(merged.text)[key]['sessions'];
        assert.deepEqual([added.command].flat().slice(0, 1), ['node']);
        assert.ok(JSON.stringify(added).includes(JSON.stringify(server.args[0])));
        for (const [comment] of (before ?? '').matchAll(/\/\/ .*/g)) assert.ok(merged.text.includes(comment), comment);
        assert.deepEqual(withMcpServer(agent, merged.text, server), { kind: 'taken' });
      }
    }
  });

  it('is a table at the end of a TOML file, and leaves the rest as it is', () => {
    for (const before of [undefined, '', 'model = "x" # mine\n', '[mcp_servers.other]\ncommand = "c"', 'a = 1\r\n']) {
      const merged = withMcpServer('codex', before, server);
      assert.ok(merged.kind === 'merged' && merged.text !== undefined);
      assert.ok(merged.text.startsWith(before ?? ''));
      const { command, args } = server;
      const servers = parseToml(merged.text)['mcp_servers'] as Record<string, unknown>;
      assert.deepEqual({ ...(servers['sessions'] as object) }, { command, args });
      assert.deepEqual(withMcpServer('codex', merged.text, server), { kind: 'taken' });
    }
  });

  it('is not added to what is not understood', () => {
    for (const agent of JSON_AGENTS) {
      assert.deepEqual(withMcpServer(agent, '{ "a": ', server), { kind: 'not-json' });
      const key = agent === 'opencode' ? 'mcp' : 'mcpServers';
      assert.deepEqual(withMcpServer(agent, `{ "${key}": [] }`, server), { kind: 'other-shape', detail: key });
    }
    assert.deepEqual(withMcpServer('codex', 'a = ', server), { kind: 'not-json' });
    assert.deepEqual(withMcpServer('codex', 'mcp_servers = { other = { command = "c" } }\n', server), {
      kind: 'not-json',
    });
    assert.deepEqual(withMcpServer('codex', 'mcp_servers = 1\n', server), {
      kind: 'other-shape',
      detail: 'mcp_servers',
    });
    for (const name of ['', 'a b', '../x', 'a"b', '__proto__.x'])
      assert.throws(() => withMcpServer('gemini', '{}', { ...server, name }), RangeError);
  });
});
