import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  applyPlan,
  hookCommand,
  hookProgram,
  installHookProgram,
  nodeForHooks,
  type PlanOutcome,
  PROTECTED_AGENTS,
  type ProtectedAgent,
  type ProtectionOptions,
  type ProtectionPlan,
  type ProtectionScope,
  planInstall,
  planRemove,
  protectionState,
} from '../../../src/agents/index.ts';
import { commandLine, powershellLine } from '../../../src/agents/protection/hookCommand.ts';
import { isSwitchedOff } from '../../../src/agents/protection/switchedOff.ts';
import { wantedHooks } from '../../../src/agents/protection/wantedHooks.ts';

const FILES: Readonly<Record<ProtectedAgent, Readonly<Record<ProtectionScope, string>>>> = {
  'claude-code': { project: 'shop/.claude/settings.local.json', user: 'home/.claude/settings.json' },
  codex: { project: 'shop/.codex/hooks.json', user: 'home/.codex/hooks.json' },
  gemini: { project: 'shop/.gemini/settings.json', user: 'home/.gemini/settings.json' },
  opencode: { project: 'shop/.opencode/plugin/holdfast.js', user: 'home/.config/opencode/plugin/holdfast.js' },
  'copilot-cli': { project: 'shop/.github/hooks/holdfast.json', user: 'home/.copilot/hooks/holdfast.json' },
};

describe('edit protection', () => {
  let dir: string;
  const at = (name: string) => path.join(dir, name);
  const options = (agent: ProtectedAgent, scope: ProtectionScope = 'project'): ProtectionOptions => ({
    agent,
    scope,
    folder: at('shop'),
    where: { home: at('home') },
    command: hookCommand({ home: at('home') }),
  });
  function planned(outcome: PlanOutcome): ProtectionPlan {
    assert.equal(outcome.kind, 'planned');
    return (outcome as Extract<PlanOutcome, { kind: 'planned' }>).plan;
  }
  async function install(agent: ProtectedAgent, scope?: ProtectionScope): Promise<void> {
    assert.deepEqual(await applyPlan(planned(await planInstall(options(agent, scope)))), { kind: 'applied' });
  }
  async function remove(agent: ProtectedAgent, scope?: ProtectionScope): Promise<void> {
    assert.deepEqual(await applyPlan(planned(await planRemove(options(agent, scope)))), { kind: 'applied' });
  }
  function write(name: string, text: string | Uint8Array): string {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true });
    fs.writeFileSync(at(name), text);
    return at(name);
  }
  const everything = () => fs.readdirSync(dir, { recursive: true }).toSorted();

  beforeEach(() => {
    dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-protect-')));
    fs.mkdirSync(at('shop'));
    write('home/.holdfast/hook.cjs', '');
  });
  afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

  for (const agent of PROTECTED_AGENTS)
    for (const scope of ['project', 'user'] as const) {
      it(`of ${agent} for one ${scope} is shown exactly, made, made only once, and taken away again`, async () => {
        const before = everything();
        assert.equal(await protectionState(options(agent, scope)), 'absent');
        const plan = planned(await planInstall(options(agent, scope)));
        assert.deepEqual(everything(), before);
        assert.deepEqual(
          plan.changes.map(({ file, before: was }) => [path.relative(dir, file), was]),
          [[FILES[agent][scope], undefined]],
        );
        assert.equal(plan.program, at('home/.holdfast/hook.cjs'));
        assert.ok(plan.afterwards.includes('restart'));
        await applyPlan(plan);
        const file = at(FILES[agent][scope]);
        assert.equal(fs.readFileSync(file, 'utf8'), plan.changes[0]?.after);
        assert.equal(fs.statSync(file).mode & 0o777, 0o600);
        assert.equal(await protectionState(options(agent, scope)), agent === 'codex' ? 'untrusted' : 'installed');
        assert.deepEqual(planned(await planInstall(options(agent, scope))).changes, []);
        // A team's file names nobody's home.
        if (scope === 'project') assert.equal(fs.readFileSync(file, 'utf8').includes(dir), false);
        await remove(agent, scope);
        assert.equal(fs.existsSync(file), false);
        if (scope === 'project') assert.deepEqual(everything(), before);
        assert.deepEqual(planned(await planRemove(options(agent, scope))).changes, []);
      });
    }

  it('leaves settings as they were: text, permissions, and the link that leads to them', async () => {
    const text = '{\r\n\t// mine\r\n\t"model": "opus",\r\n}';
    const real = write('home/dotfiles/settings.json', text);
    fs.mkdirSync(at('home/.claude'));
    fs.symlinkSync(real, at('home/.claude/settings.json'));
    fs.chmodSync(real, 0o640);
    await install('claude-code', 'user');
    assert.ok(fs.lstatSync(at('home/.claude/settings.json')).isSymbolicLink());
    assert.equal(fs.statSync(real).mode & 0o777, 0o640);
    assert.ok(
      fs
        .readFileSync(real, 'utf8')
        .startsWith('{\r\n\t// mine\r\n\t"model": "opus",\r\n\t"hooks": {\r\n\t\t"SessionStart"'),
    );
    await remove('claude-code', 'user');
    assert.equal(fs.readFileSync(real, 'utf8'), text);
    assert.equal(fs.statSync(real).mode & 0o777, 0o640);
    assert.deepEqual(fs.readdirSync(at('home/dotfiles')), ['settings.json']);
  });

  it('follows where the environment says that agents keep their settings', async () => {
    const env = {
      CLAUDE_CONFIG_DIR: at('c'),
      CODEX_HOME: at('x'),
      GEMINI_CLI_HOME: at('g'),
      COPILOT_HOME: at('p'),
      XDG_CONFIG_HOME: at('o'),
    };
    const files: string[] = [];
    for (const agent of PROTECTED_AGENTS) {
      const { changes } = planned(await planInstall({ ...options(agent, 'user'), where: { home: at('home'), env } }));
      files.push(...changes.map(({ file }) => path.relative(dir, file)));
    }
    assert.deepEqual(files, [
      'c/settings.json',
      'x/hooks.json',
      'g/.gemini/settings.json',
      'o/opencode/plugin/holdfast.js',
      'p/hooks/holdfast.json',
    ]);
  });

  it('writes nothing where a file changed since the plan was made', async () => {
    const plan = planned(await planInstall(options('gemini')));
    const file = write('shop/.gemini/settings.json', '{"a": 1}');
    assert.deepEqual(await applyPlan(plan), { kind: 'changed-meanwhile', file });
    assert.equal(fs.readFileSync(file, 'utf8'), '{"a": 1}');
    const removal = planned(await planRemove(options('gemini')));
    assert.deepEqual(removal.changes, []);
  });

  it('does no plan for a file that is none of an agent’s', async () => {
    const plan = planned(await planInstall(options('codex')));
    const changes = [{ file: at('home/.bashrc'), before: undefined, after: 'x' }];
    await assert.rejects(applyPlan({ ...plan, changes }), /not a file of an agent's hooks/);
    assert.equal(fs.existsSync(at('home/.bashrc')), false);
  });

  it('does not follow a link of a project out of it, nor write through one that was put there since', async () => {
    write('home/settings.local.json', '{}');
    fs.mkdirSync(at('shop/.claude'));
    const link = at('shop/.claude/settings.local.json');
    fs.symlinkSync(at('home/settings.local.json'), link);
    assert.deepEqual(await planInstall(options('claude-code')), { kind: 'unreadable', file: link, detail: 'outside' });
    assert.equal(await protectionState(options('claude-code')), 'unreadable');
    fs.rmSync(link);
    const plan = planned(await planInstall(options('claude-code')));
    fs.symlinkSync(at('home/settings.local.json'), link);
    await assert.rejects(applyPlan(plan), { code: 'ELOOP' });
    assert.equal(fs.readFileSync(at('home/settings.local.json'), 'utf8'), '{}');
  });

  it('leaves alone what it cannot read: no JSON, another shape, no UTF-8, a folder, a plugin of another hand', async () => {
    const detail = async (agent: ProtectedAgent) => {
      const outcome = await planInstall(options(agent));
      return outcome.kind === 'unreadable' ? outcome.detail : outcome.kind;
    };
    const file = write('shop/.codex/hooks.json', '{');
    assert.equal(await detail('codex'), 'not-json');
    assert.equal(await protectionState(options('codex')), 'unreadable');
    fs.writeFileSync(file, '{"hooks": 1}');
    assert.equal(await detail('codex'), 'hooks');
    fs.writeFileSync(file, Buffer.from('{"a": "\xff"}', 'latin1'));
    assert.equal(await detail('codex'), 'not-json');
    fs.rmSync(file);
    fs.mkdirSync(file);
    assert.equal(await detail('codex'), 'EISDIR');
    write('shop/.opencode/plugin/holdfast.js', 'export const Mine = 1;\n');
    assert.equal(await detail('opencode'), 'not-ours');
    assert.equal(await protectionState(options('opencode')), 'absent');
    assert.deepEqual(planned(await planRemove(options('opencode'))).changes, []);
  });

  it('tells hooks of another version, and brings them up to date', async () => {
    for (const agent of PROTECTED_AGENTS) {
      await install(agent);
      const file = at(FILES[agent].project);
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll(/10000|10\b/g, '5'));
      assert.equal(await protectionState(options(agent)), 'outdated', agent);
      await install(agent);
      assert.equal(await protectionState(options(agent)), agent === 'codex' ? 'untrusted' : 'installed', agent);
    }
  });

  it('is none where the program is gone that the hooks start', async () => {
    for (const agent of PROTECTED_AGENTS) await install(agent);
    fs.rmSync(at('home/.holdfast'), { recursive: true });
    for (const agent of PROTECTED_AGENTS) assert.equal(await protectionState(options(agent)), 'outdated', agent);
  });

  it('is none where the agent is told to run no hooks', async () => {
    for (const agent of ['claude-code', 'gemini', 'codex'] as const) await install(agent);
    const state = (agent: ProtectedAgent) => protectionState(options(agent));
    write('home/.claude/settings.json', '{ "disableAllHooks": true, /* mine */ }');
    assert.equal(await state('claude-code'), 'disabled');
    write('shop/.claude/settings.json', '{ "disableAllHooks": false }');
    assert.equal(await state('claude-code'), 'installed');
    const managed = write('managed.json', '{ "allowManagedHooksOnly": true }');
    assert.equal(await isSwitchedOff(options('claude-code'), [], () => managed), true);
    write('home/.gemini/settings.json', '{ "hooksConfig": { "enabled": false } }');
    assert.equal(await state('gemini'), 'disabled');
    const file = at('shop/.gemini/settings.json');
    const command = JSON.parse(fs.readFileSync(file, 'utf8')).hooks.AfterTool[0].hooks[0].command;
    write('home/.gemini/settings.json', JSON.stringify({ hooksConfig: { disabled: [1, command] } }));
    assert.equal(await state('gemini'), 'disabled');
    write('home/.gemini/settings.json', '{ "hooksConfig": 1 }');
    assert.equal(await state('gemini'), 'installed');
    write('home/.codex/config.toml', '[features]\nhooks = false\n');
    assert.equal(await state('codex'), 'disabled');
    write('home/.codex/config.toml', 'features = 1\n');
    assert.equal(await state('codex'), 'untrusted');
  });

  it('tells whether the user has trusted Codex’ hooks, and never writes that', async () => {
    await install('codex');
    const file = at('shop/.codex/hooks.json');
    const config = (hash: string) =>
      ['session_start', 'pre_tool_use', 'post_tool_use', 'stop', 'session_end']
        .map((event) => `[hooks.state."${file}:${event}:0:0"]\ntrusted_hash = "${hash}"\n`)
        .join('\n');
    write('home/.codex/config.toml', config('sha256:00'));
    assert.equal(await protectionState(options('codex')), 'installed');
    write('home/.codex/config.toml', `${config('sha256:00')}enabled = false\n`);
    assert.equal(await protectionState(options('codex')), 'untrusted');
    write('home/.codex/config.toml', 'no toml at all [');
    assert.equal(await protectionState(options('codex')), 'untrusted');
    assert.deepEqual(planned(await planInstall(options('codex'))).afterwards, [
      'trust-folder',
      'trust-hook',
      'restart',
    ]);
  });

  it('tells that Copilot CLI runs the hooks of Claude Code too', async () => {
    await install('claude-code');
    assert.deepEqual(planned(await planInstall(options('copilot-cli'))).alsoFires, ['claude-code']);
    assert.deepEqual(planned(await planInstall(options('codex'))).alsoFires, []);
  });

  it('has a command that is silent where the program is not, and starts it wherever it lies', function () {
    if (process.platform === 'win32') this.skip();
    this.timeout(30_000);
    const home = at("it's my home");
    const program = hookProgram({ home });
    const [hook = { value: {} }] = wantedHooks({
      ...options('codex'),
      agent: 'codex',
      where: { home },
      command: ['node', program],
    });
    const command = (hook.value as { hooks: { command: string }[] }).hooks[0]?.command ?? '';
    assert.equal(command.includes(dir), false);
    const run = () =>
      spawnSync('/bin/sh', ['-c', command], {
        env: { HOME: home, PATH: path.dirname(process.execPath) },
        encoding: 'utf8',
      });
    assert.deepEqual([run().status, run().stdout, run().stderr], [0, '', '']);
    fs.mkdirSync(path.dirname(program), { recursive: true });
    fs.writeFileSync(program, 'console.log(process.argv.slice(2).join());');
    assert.equal(run().stdout, 'codex\n');
    // Copilot CLI takes any failure for a denial, Gemini CLI one that ends with 2 or more and says something.
    for (const failing of ['process.exit(2)', 'syntax error', 'console.error("oops"); process.exit(1)']) {
      fs.writeFileSync(program, failing);
      assert.deepEqual([run().status, run().stdout, run().stderr], [0, '', ''], failing);
    }
    const nowhere = spawnSync('/bin/sh', ['-c', command], { env: { HOME: home, PATH: dir }, encoding: 'utf8' });
    assert.deepEqual([nowhere.status, nowhere.stdout, nowhere.stderr], [0, '', '']);
    const outside = write("odd 'place'/.holdfast/hook.cjs", 'console.log("here");');
    const line = commandLine(['node', outside, 'codex'], { home }, 'linux');
    assert.equal(
      spawnSync('/bin/sh', ['-c', line], { env: { PATH: path.dirname(process.execPath) }, encoding: 'utf8' }).stdout,
      'here\n',
    );
  });

  it('has a command on Windows that no shell there reads otherwise', () => {
    const line = (program: string) => commandLine(['node', program, 'codex'], { home: 'C:\\me' }, 'win32');
    assert.equal(line('C:\\My Home\\.holdfast\\hook.cjs'), 'node "C:/My Home/.holdfast/hook.cjs" codex');
    assert.equal(line('C:\\me\\.holdfast\\hook.cjs'), 'node C:/me/.holdfast/hook.cjs codex');
    // Copilot CLI has a line of its own for PowerShell, and takes any failure for a denial.
    assert.equal(
      powershellLine(['node', '/home/me/.holdfast/hook.cjs', 'copilot-cli', 'preToolUse'], { home: '/home/me' }),
      'if (Test-Path "$HOME/.holdfast/hook.cjs") { node "$HOME/.holdfast/hook.cjs" copilot-cli preToolUse 2>$null }; exit 0',
    );
  });
});

describe('the hook’s program', () => {
  let dir: string;
  let where: { readonly home: string };
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-program-'));
    where = { home: path.join(dir, 'home') };
    fs.mkdirSync(path.join(dir, 'dist'));
    for (const name of ['hook.cjs', 'rooms.cjs', 'holdfast.cjs']) fs.writeFileSync(path.join(dir, 'dist', name), name);
  });
  afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));
  const from = () => path.join(dir, 'dist');

  it('is kept where no update of Holdfast removes it, with what it needs, for its user alone', async () => {
    assert.equal(await installHookProgram(where, from()), 'installed');
    assert.equal(fs.readFileSync(hookProgram(where), 'utf8'), 'hook.cjs');
    assert.deepEqual(fs.readdirSync(path.dirname(hookProgram(where))).toSorted(), [
      'holdfast.cjs',
      'hook.cjs',
      'rooms.cjs',
    ]);
    assert.equal(fs.statSync(path.dirname(hookProgram(where))).mode & 0o777, 0o700);
    assert.equal(await installHookProgram(where, from()), 'same');
  });

  it('is brought up to date only where it was installed', async () => {
    assert.equal(await installHookProgram(where, from(), { onlyNewer: true }), 'absent');
    assert.equal(fs.existsSync(where.home), false);
    await installHookProgram(where, from());
    fs.writeFileSync(path.join(from(), 'hook.cjs'), 'newer');
    assert.equal(await installHookProgram(where, from(), { onlyNewer: true }), 'installed');
    assert.equal(fs.readFileSync(hookProgram(where), 'utf8'), 'newer');
  });

  it('needs a node on PATH that is new enough', async () => {
    assert.equal((await nodeForHooks({ PATH: path.dirname(process.execPath) })).kind, 'found');
    assert.equal((await nodeForHooks({ PATH: dir })).kind, 'missing');
    if (process.platform === 'win32') return;
    fs.writeFileSync(path.join(dir, 'node'), '#!/bin/sh\necho v18.19.1\n', { mode: 0o755 });
    assert.deepEqual(await nodeForHooks({ PATH: dir }), { kind: 'too-old', version: '18.19.1' });
  });
});
