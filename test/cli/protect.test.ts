import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { CliIo } from '../../src/cli/io.ts';
import { openStore } from '../../src/core/index.ts';
import { CLAUDE_ID, claudeLines, placeClaude } from './support/claude.ts';
import { makePlace, type Place } from './support/cli.ts';

describe('holdfast protect', () => {
  let place: Place;
  let io: Partial<CliIo>;
  beforeEach(() => {
    place = makePlace();
    const programs = path.join(place.dir, 'dist');
    fs.mkdirSync(programs);
    for (const name of ['hook.cjs', 'rooms.cjs', 'holdfast.cjs']) fs.writeFileSync(path.join(programs, name), name);
    io = { programs };
  });
  afterEach(() => place.remove());
  const run = (argv: readonly string[], more: Partial<CliIo> = {}) => place.run(argv, { io: { ...io, ...more } });

  it('shows the exact change with --dry-run, and makes none', async () => {
    place.write('.claude/settings.local.json', '{\n  "model": "opus"\n}\n');
    const { code, out } = await run(['protect', 'claude-code', '--dry-run']);
    assert.equal(code, 0);
    assert.match(
      out,
      /^--- .*settings\.local\.json\n\+\+\+ .*\n@@ -1,3 \+1,\d+ @@\n {\n- {2}"model": "opus"\n\+ {2}"model": "opus",/m,
    );
    assert.match(out, /\.holdfast\/hook\.cjs, which is put there/);
    assert.equal(place.text('.claude/settings.local.json'), '{\n  "model": "opus"\n}\n');
    assert.equal(fs.existsSync(path.join(place.home, '.holdfast')), false);
  });

  it('changes nothing that nobody confirmed', async () => {
    const { code, err } = await run(['protect', 'codex']);
    assert.equal(code, 1);
    assert.match(err, /Nothing was changed[\s\S]*--yes/);
    const asked: string[] = [];
    const answer = (text: string) => ({
      ask: async (question: string) => {
        asked.push(question);
        return text;
      },
    });
    assert.equal((await run(['protect', 'codex'], answer(''))).code, 1);
    assert.equal((await run(['protect', 'codex'], answer('n'))).code, 1);
    assert.equal(fs.existsSync(path.join(place.folder, '.codex')), false);
    const yes = await run(['protect', 'codex'], answer('y'));
    assert.deepEqual([yes.code, yes.out], [0, 'Installed.\n']);
    assert.match(yes.err, /\+.*apply_patch[\s\S]*\/hooks in Codex/);
    assert.equal(asked.length, 3);
  });

  it('installs and removes with --yes, tells the plan as JSON, and the state of all agents', async () => {
    const { code, json } = await run(['protect', 'gemini', '--scope', 'user', '--yes', '--json']);
    assert.equal(code, 0);
    const { plan, applied } = json as {
      plan: { changes: { file: string }[]; node: { kind: string } };
      applied: boolean;
    };
    assert.equal(applied, true);
    assert.equal(plan.changes[0]?.file, path.join(place.home, '.gemini/settings.json'));
    assert.equal(plan.node.kind, 'found');
    assert.ok(fs.existsSync(path.join(place.home, '.holdfast/hook.cjs')));
    const states = (await run(['protect', '--status', '--json'])).json as {
      protection: { agent: string; scope: string; state: string }[];
    };
    assert.deepEqual(
      states.protection.filter(({ state }) => state !== 'absent'),
      [{ agent: 'gemini', scope: 'user', state: 'installed' }],
    );
    assert.match((await run(['protect', '--status'])).out, /gemini +user +protected/);
    const without = await run(['protect', '--status'], { env: { PATH: place.dir } });
    assert.match(without.out, /There is no node on PATH/);
    assert.match((await run(['protect', 'gemini', '--scope', 'user', '--yes'])).out, /It is so already/);
    assert.match((await run(['unprotect', 'gemini', '--scope', 'user', '--yes'])).out, /Removed\.$/m);
    assert.equal(fs.existsSync(path.join(place.home, '.gemini/settings.json')), false);
  });

  it('says what is wrong: no agent, an unknown one, settings that cannot be read', async () => {
    assert.equal((await run(['protect'])).code, 2);
    assert.match((await run(['protect', 'vim', '--yes'])).err, /knows no agent "vim"/);
    place.write('.gemini/settings.json', '{');
    const { code, err } = await run(['protect', 'gemini', '--yes']);
    assert.equal(code, 1);
    assert.match(err, /settings\.json cannot be read[\s\S]*not-json/);
    assert.equal(place.text('.gemini/settings.json'), '{');
  });

  it('starts the same hook that agents start', async () => {
    place.write('a.js', 'one\n');
    const hook = (payload: object) =>
      run(['hook', 'claude-code'], {
        input: async () => Buffer.from(JSON.stringify({ session_id: 's1', cwd: place.folder, ...payload })),
      });
    const tool = { tool_name: 'Edit', tool_input: { file_path: path.join(place.folder, 'a.js') } };
    assert.equal((await hook({ hook_event_name: 'SessionStart', source: 'startup' })).out, '');
    const { code, out } = await hook({ hook_event_name: 'PreToolUse', ...tool });
    assert.equal(code, 0);
    assert.match(out, /"permissionDecision":"deny"/);
    const bad = await run(['hook', 'vim'], { input: async () => Buffer.from('x') });
    assert.deepEqual([bad.code, bad.out, bad.err], [0, '', '']);
  });

  it('saves for a hook only what was saved before, and what nobody drives', async () => {
    place.write('price.js', 'one\n');
    placeClaude(place, claudeLines(place, 'price.js', 'one\n'));
    const save = async () => (await run(['save', `claude-code:${CLAUDE_ID}`, '--if-saved', '--json'])).json;
    assert.deepEqual(await save(), { saved: false });
    assert.deepEqual((await run(['list', '--json'])).json, { sessions: [] });
    await run(['save', `claude-code:${CLAUDE_ID}`, '--name', 'cost']);
    assert.equal(((await save()) as { name?: string }).name, 'cost');
    const store = openStore({ folder: place.folder, now: Date.now, random: () => '0123456789abcdef' });
    try {
      const [entry] = await store.list();
      const taken = await store.takeLease(entry?.head?.session_id ?? '', { program: 'VS Code' });
      assert.equal(taken.kind, 'taken');
      assert.deepEqual(await save(), { saved: false });
    } finally {
      await store.close();
    }
  });
});
