import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { skipBecause } from '../support/skip.ts';
import { CLAUDE_ID, claudeLines, placeClaude } from './support/claude.ts';
import { makePlace, type Place } from './support/cli.ts';
import { errorDocument, resumeDocument, resumedDocument } from './support/shapes.ts';

describe('command line: resume in another agent', () => {
  let place: Place;
  before(function () {
    if (process.platform === 'win32') skipBecause(this, 'the stand-in for the agent is a POSIX shell script');
  });
  beforeEach(async () => {
    place = makePlace();
    place.write('price.js', 'const price = 2;\n');
    placeClaude(place, claudeLines(place, 'price.js', 'const price = 2;\n'));
    assert.equal((await place.run(['save', `claude-code:${CLAUDE_ID}`, '--name', 'cost'])).code, 0);
  });
  afterEach(() => place.remove());

  /** Programs that note how they were started. */
  const agents = (...names: string[]): { readonly PATH: string } => {
    const bin = path.join(place.dir, 'bin');
    fs.mkdirSync(bin, { recursive: true });
    for (const name of names) {
      const script = `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> '${place.dir}/started'\n`;
      fs.writeFileSync(path.join(bin, name), script, { mode: 0o755 });
    }
    return { PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
  };
  const started = (): string[] => fs.readFileSync(path.join(place.dir, 'started'), 'utf8').trim().split('\n');
  const files = (folder: string): string[] =>
    fs.existsSync(folder)
      ? fs
          .readdirSync(folder, { recursive: true, withFileTypes: true })
          .flatMap((one) => (one.isFile() ? [one.name] : []))
      : [];

  it('says beforehand what crosses, and how many tokens it takes in which size, and writes nothing', async () => {
    const { code, json } = await place.run(['resume', 'cost', '--agent', 'codex', '--print', '--json']);
    assert.equal(code, 0);
    const told = z.parse(resumeDocument, json);
    assert.deepEqual(
      [told.command, told.args[0], told.args[1], told.native],
      ['codex', 'resume', told.native_id, 'missing'],
    );
    assert.ok(told.hand_over !== null && told.hand_over.calls_mapped > 0 && told.hand_over.tokens > 0);
    assert.deepEqual(
      told.hand_over.estimates.map(({ reduce }) => reduce),
      ['', 'outputs', 'outputs,turns=10'],
    );
    const { out } = await place.run(['resume', 'cost', '--agent', 'codex', '--reduce', 'turns=1', '--print']);
    assert.match(out, /codex resume [0-9a-f-]{36} {2}# its transcript is not there yet/);
    assert.match(out, /^# \d+ messages?, \d+ tool calls? \(\d+ renamed\); about [\d,]+ tokens$/m);
    assert.match(out, /^# the whole: about [\d,]+ tokens$/m);
    assert.deepEqual(files(path.join(place.home, '.codex')), []);
  });

  it('writes it there and starts the agent, once and the same again', async () => {
    const env = agents('codex');
    const ran = await place.run(['resume', 'cost', '--agent', 'codex', '--json'], { io: { env } });
    assert.equal(ran.code, 0, ran.err);
    const told = z.parse(resumedDocument, ran.json);
    assert.equal(told.agent, 'codex');
    assert.ok(told.hand_over !== null);
    assert.match(ran.err, /holdfast: \d+ messages/);
    assert.match(fs.readFileSync(told.transcript, 'utf8'), /const price = 2;/);
    const again = z.parse(
      resumedDocument,
      (await place.run(['resume', 'cost', '--agent', 'codex', '--json'], { io: { env } })).json,
    );
    assert.deepEqual([again.native_id, again.hand_over], [told.native_id, null]);
    assert.deepEqual(started(), Array(2).fill(`codex resume ${told.native_id}`));
    assert.equal(files(path.join(place.home, '.codex')).length, 1);
  });

  it('tells again where the chat lies that a person opens, and that its agent has lost', async () => {
    const chat = async (...more: string[]) => {
      const ran = await place.run(['resume', 'cost', '--agent', 'copilot-chat', '--json', ...more]);
      assert.equal(ran.code, 0, ran.out);
      return ran.json as { readonly transcript: string; readonly native: string };
    };
    const first = await chat();
    const written = fs.readFileSync(first.transcript);
    assert.equal((await chat()).transcript, first.transcript);
    assert.equal((await chat('--print')).native, 'present');
    assert.deepEqual(fs.readFileSync(first.transcript), written);
  });

  it('needs no lease for it: the session itself goes on where it is', async () => {
    await place.run(['resume', 'cost', '--agent', 'codex'], { io: { env: agents('codex') } });
    assert.deepEqual(
      files(path.join(place.folder, '.sessions')).filter((name) => name.includes('lease')),
      [],
    );
  });

  it('gives the briefing along, and refuses a configuration that is another agent’s', async () => {
    place.write('price.js', 'const price = 3;\n');
    const ran = await place.run(['resume', 'cost', '--agent', 'codex', '--briefing'], { io: { env: agents('codex') } });
    assert.equal(ran.code, 0, ran.err);
    assert.match(started().join('\n'), /-- You are resuming the session `cost`/);
    const { code, json } = await place.run(['resume', 'cost', '--agent', 'codex', '--restore-config', '--json']);
    assert.deepEqual([code, z.parse(errorDocument, json).error.code], [2, 'usage']);
  });

  it('tells Codex of the provider that its thread was begun with, where it would start with another', async () => {
    const id = '01a1ff0a-12c4-7de2-8f38-4caf765ed493';
    const rollout = path.join(place.home, '.codex/sessions/2026/11/20', `rollout-2026-11-20T10-00-00-${id}.jsonl`);
    const meta = { id, timestamp: '2026-11-20T10:00:00.000Z', cwd: place.folder, originator: 'x', cli_version: '0' };
    const lines = [
      { type: 'session_meta', payload: { ...meta, model_provider: 'corp' } },
      { type: 'event_msg', payload: { type: 'user_message', message: 'one', images: [] } },
      {
        type: 'response_item',
        payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one' }] },
      },
    ];
    fs.mkdirSync(path.dirname(rollout), { recursive: true });
    fs.writeFileSync(
      rollout,
      lines.map((line) => `${JSON.stringify({ timestamp: meta.timestamp, ...line })}\n`).join(''),
    );
    fs.writeFileSync(path.join(place.home, '.codex/config.toml'), '[model_providers.corp]\nname = "Corp"\n');
    const before = fs.readFileSync(rollout);
    assert.equal((await place.run(['save', `codex:${id}`, '--name', 'corp'])).code, 0);
    const { json } = await place.run(['resume', 'corp', '--print', '--json']);
    assert.deepEqual(z.parse(resumeDocument, json).args, ['resume', id, '-c', 'model_provider=corp']);
    assert.equal((await place.run(['resume', 'corp'], { io: { env: agents('codex') } })).code, 0);
    assert.deepEqual(started(), [`codex resume ${id} -c model_provider=corp`]);
    assert.deepEqual(fs.readFileSync(rollout), before);
  });

  it('makes no home of what is none, as of a path of another system', async () => {
    for (const home of ['C:\\Users\\me', 'nowhere', 'price.js']) {
      const { code, json } = await place.run(['--home', home, 'resume', 'cost', '--agent', 'codex', '--json']);
      assert.deepEqual([code, z.parse(errorDocument, json).error.code], [1, 'no-folder']);
    }
    assert.deepEqual(fs.readdirSync(place.folder).sort(), ['.sessions', 'price.js']);
  });

  it('knows the agents, and the sizes', async () => {
    const error = async (...words: string[]) => {
      const { code, json } = await place.run(['resume', 'cost', ...words, '--json']);
      return [code, z.parse(errorDocument, json).error.code];
    };
    assert.deepEqual(await error('--agent', 'nobody'), [1, 'unknown-agent']);
    const { err } = await place.run(['resume', 'cost', '--agent', 'nobody']);
    assert.match(err, /Known agents: claude-code, codex, .*helloagents\.\n$/);
    assert.doesNotMatch(err, /roo-code|messages/, 'those that can be given no session');
    assert.deepEqual(await error('--agent', 'roo-code'), [1, 'not-native']);
    for (const size of ['', 'all', 'turns=0', 'turns=-1', 'turns=x', 'outputs,'])
      assert.deepEqual(await error('--reduce', size), [2, 'usage'], size);
  });
});
