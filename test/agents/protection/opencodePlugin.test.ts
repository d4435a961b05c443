import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pluginText } from '../../../src/agents/protection/opencodePlugin.ts';

interface Hooks {
  'tool.execute.before'(call: object, output: unknown): Promise<void>;
  'tool.execute.after'(call: object, result: Record<string, unknown>): Promise<void>;
  event(input: unknown): Promise<void>;
}

describe('the plugin for opencode', () => {
  let dir: string;
  let count = 0;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-plugin-'));
  });
  afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

  async function load(hook: string, program = process.execPath): Promise<Hooks> {
    const script = path.join(dir, "it's a hook.cjs");
    fs.writeFileSync(script, hook);
    const file = path.join(dir, `plugin-${count++}.mjs`);
    fs.writeFileSync(file, pluginText([program, script], { home: path.join(dir, 'home') }));
    const { HoldfastPlugin } = await import(pathToFileURL(file).href);
    return HoldfastPlugin({ directory: dir });
  }
  const call = { tool: 'edit', sessionID: 'ses_1', callID: 'c' };
  const edit = (hooks: Hooks, args: unknown = { filePath: 'a.js' }) => hooks['tool.execute.before'](call, { args });

  it('denies with the words of the hook, and adds to what the model is told', async () => {
    const hooks = await load('console.log(JSON.stringify({ deny: "read it again", tell: "news" }))');
    await assert.rejects(edit(hooks), { message: 'read it again' });
    const result: Record<string, unknown> = { output: 'done' };
    await hooks['tool.execute.after'](call, result);
    assert.equal(result['output'], 'done\n\nnews');
  });

  it('lets opencode go on, whatever the hook answers and however it fails', async () => {
    for (const hook of ['console.log(null)', 'console.log(1)', 'console.log("{")', 'process.exit(2)', 'syntax error'])
      await edit(await load(hook));
    await edit(await load('', path.join(dir, 'no such program')));
  });

  it('lets opencode go on where the call is not what it was in the version that this was written for', async () => {
    const hooks = await load('console.log(JSON.stringify({ deny: "never" }))');
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    await edit(hooks, circular);
    await hooks['tool.execute.after'](call, undefined as never);
    await hooks.event({ event: { type: 'session.idle' } });
    await hooks.event({ event: { type: 'session.created' } });
    await hooks.event({});
  });
});
