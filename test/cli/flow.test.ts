import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { CLAUDE_ID, claudeLines, placeClaude } from './support/claude.ts';
import { makePlace, type Place } from './support/cli.ts';
import * as shapes from './support/shapes.ts';

describe('command line: a session from save to restore', () => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
    place.write('price.js', 'const price = 2;\n');
    placeClaude(place, claudeLines(place, 'price.js', 'const price = 2;\n'));
  });
  afterEach(() => place.remove());

  const json = async <T>(shape: z.ZodMiniType<T>, code: number, argv: string[], input?: string): Promise<T> => {
    const ran = await place.run([...argv, '--json'], input === undefined ? {} : { input });
    assert.equal(ran.code, code, `${argv.join(' ')}\n${ran.out}${ran.err}`);
    return z.parse(shape, ran.json);
  };
  const save = () => json(shapes.savedDocument, 0, ['save', `claude-code:${CLAUDE_ID.slice(0, 8)}`, '--name', 'cost']);

  it('lists live sessions only when asked', async () => {
    assert.deepEqual((await json(shapes.listDocument, 0, ['list'])).sessions, []);
    const [live] = (await json(shapes.listDocument, 0, ['list', '--live'])).sessions;
    assert.equal(live?.state, 'live');
    assert.equal(live?.session_id, CLAUDE_ID);
    assert.equal(live?.agent, 'claude-code');
  });

  it('saves a live session by the first digits of its id, with its counts', async () => {
    const saved = await save();
    assert.equal(saved.name, 'cost');
    assert.equal(saved.messages, 4);
    assert.equal(saved.calls, 1);
    assert.deepEqual(saved.problems, []);
    assert.deepEqual(saved.counts, {
      prompts: 1,
      assistant_messages: 2,
      tool_calls: 1,
      reads: 1,
      full_reads: 1,
      edits: 0,
      models: ['claude-opus-4-5'],
      tokens_in: 20,
      tokens_out: 4,
    });
    const [row] = (await json(shapes.listDocument, 0, ['list'])).sessions;
    assert.equal(row?.name, 'cost');
    assert.equal(row?.message_count, 4);
  });

  it('makes the next revision of a session that was saved before', async () => {
    const first = await save();
    fs.appendFileSync(
      path.join(place.home, '.claude', 'projects', place.folder.replace(/[^A-Za-z0-9]/g, '-'), `${CLAUDE_ID}.jsonl`),
      `${JSON.stringify({
        parentUuid: 'a0000000-0000-4000-8000-000000000004',
        isSidechain: false,
        cwd: place.folder,
        sessionId: CLAUDE_ID,
        type: 'user',
        uuid: 'a0000000-0000-4000-8000-000000000005',
        timestamp: new Date().toISOString(),
        message: { role: 'user', content: 'Thanks' },
      })}\n`,
    );
    const second = await json(shapes.savedDocument, 0, ['save', `claude-code:${CLAUDE_ID}`]);
    assert.equal(second.name, 'cost');
    assert.equal(second.session_id, first.session_id);
    assert.equal(second.revision, first.revision + 1);
    assert.equal(second.messages, 5);
  });

  for (const [what, change] of [
    ['was cut', (lines: string[]) => lines.slice(0, 2)],
    ['tells another story', (lines: string[]) => lines.map((line) => line.replace('What does it', 'What did it'))],
  ] as const) {
    it(`leaves a saved session as it is where its transcript ${what}, and saves another one`, async () => {
      const first = await save();
      const kept = place.text('.sessions/cost.json');
      placeClaude(place, change(claudeLines(place, 'price.js', 'const price = 2;\n')));
      const second = await json(shapes.savedDocument, 0, ['save', `claude-code:${CLAUDE_ID}`]);
      assert.deepEqual([second.name, second.instead_of, second.revision], ['cost 2', 'cost', 1]);
      assert.notEqual(second.session_id, first.session_id);
      assert.equal(place.text('.sessions/cost.json'), kept);
      const text = await place.run(['save', `claude-code:${CLAUDE_ID}`, '--name', 'cost']);
      assert.match(text.out, /"cost 3".*\n.*cut or replaced since "cost" was saved/);
    });
  }

  it('gives a session that is saved under another name an identity of its own', async () => {
    const first = await save();
    const second = await json(shapes.savedDocument, 0, ['save', `claude-code:${CLAUDE_ID}`, '--name', 'other']);
    assert.deepEqual([second.name, second.revision, second.instead_of], ['other', 1, null]);
    assert.notEqual(second.session_id, first.session_id);
  });

  it('refuses a write over a change that the session has not seen, until it has read again', async () => {
    await save();
    const clean = await json(shapes.checkDocument, 0, ['check', 'cost']);
    assert.ok(clean.clean);
    assert.deepEqual(
      clean.files.map(({ key, freshness }) => [key, freshness]),
      [['price.js', 'same']],
    );

    place.write('price.js', 'const price = 3;\n');
    const drift = await json(shapes.checkDocument, 3, ['check', 'cost']);
    assert.deepEqual(
      drift.files.map(({ key, freshness }) => [key, freshness]),
      [['price.js', 'changed']],
    );
    const conflict = await json(shapes.conflictDocument, 3, ['write', 'cost', 'price.js'], 'const price = 4;\n');
    assert.equal(conflict.reason, 'changed');
    assert.notEqual(conflict.seen?.sha256, conflict.theirs?.sha256);
    assert.equal(place.text('price.js'), 'const price = 3;\n');

    const read = await json(shapes.readDocument, 0, ['read', 'cost', './price.js']);
    assert.ok('text' in read && read.text === 'const price = 3;\n');
    const written = await json(shapes.writtenDocument, 0, ['write', 'cost', 'price.js'], 'const price = 4;\n');
    assert.equal(written.created, false);
    assert.equal(place.text('price.js'), 'const price = 4;\n');
    assert.ok((await json(shapes.checkDocument, 0, ['check', 'cost'])).clean);
  });

  it('says where it keeps what a forced write displaced', async () => {
    await save();
    place.write('price.js', 'const price = 3;\n');
    const { kept } = await json(shapes.writtenDocument, 0, ['write', 'cost', 'price.js', '--force'], 'x\n');
    assert.equal(fs.readFileSync(kept ?? '', 'utf8'), 'const price = 3;\n');
    place.write('price.js', 'const price = 4;\n');
    const { out } = await place.run(['write', 'cost', 'price.js', '--force'], { input: 'y\n' });
    assert.match(out, /What was there is kept at .*price\.js/);
  });

  it('tells the next command what a slow program wrote into the version that one displaced', async () => {
    await save();
    for (const verb of ['read', 'write', 'recovered'] as const) {
      await place.run(['read', 'cost', 'price.js']);
      const slow = fs.openSync(path.join(place.folder, 'price.js'), 'a');
      await json(shapes.writtenDocument, 0, ['write', 'cost', 'price.js'], `for ${verb}\n`);
      fs.writeSync(slow, `before ${verb}\n`);
      fs.closeSync(slow);
      // Times of links can't be set back, so the clock is set on.
      const realNow = Date.now;
      Date.now = () => realNow() + 240_000;
      try {
        if (verb === 'recovered') {
          const { recovered } = await json(shapes.recoveredDocument, 0, ['recovered']);
          assert.equal(recovered.length, 3);
          continue;
        }
        const shape = verb === 'read' ? shapes.readDocument : shapes.writtenDocument;
        const ran = await place.run([verb, 'cost', 'price.js', '--json'], { input: 'next\n' });
        const { recovered } = z.parse(shape as typeof shapes.writtenDocument, ran.json);
        const [late] = recovered;
        assert.ok(late !== undefined && recovered.length === 1);
        assert.equal(late.key, 'price.js');
        assert.ok(fs.readFileSync(late.file, 'utf8').endsWith(`before ${verb}\n`));
        assert.match(ran.err, /somebody wrote into price\.js just after .* kept at .*price\.js\n$/);
        assert.equal((await place.run(['read', 'cost', 'price.js'])).err, '');
      } finally {
        Date.now = realNow;
      }
    }
  });

  it('keeps what the session read and wrote by itself when it is saved again', async () => {
    await save();
    await json(shapes.writtenDocument, 0, ['write', 'cost', 'price.js'], 'const price = 4;\n');
    await save();
    await json(shapes.writtenDocument, 0, ['write', 'cost', 'price.js'], 'const price = 5;\n');
  });

  it('takes no change for seen only because the session is saved again', async () => {
    await save();
    place.write('price.js', 'const price = 3;\n');
    await save();
    const conflict = await json(shapes.conflictDocument, 3, ['write', 'cost', 'price.js'], 'const price = 4;\n');
    assert.equal(conflict.reason, 'changed');
  });

  it('detects another content of the same size and time', async () => {
    await save();
    const file = path.join(place.folder, 'price.js');
    const { atime, mtime } = fs.statSync(file);
    fs.writeFileSync(file, 'const price = 9;\n');
    fs.utimesSync(file, atime, mtime);
    const conflict = await json(shapes.conflictDocument, 3, ['write', 'cost', 'price.js'], 'x');
    assert.equal(conflict.reason, 'changed');
  });

  it('raises no alarm over a file that was only touched', async () => {
    await save();
    fs.utimesSync(path.join(place.folder, 'price.js'), new Date(), new Date(Date.now() + 60_000));
    assert.ok((await json(shapes.checkDocument, 0, ['check', 'cost'])).clean);
    await json(shapes.writtenDocument, 0, ['write', 'cost', 'price.js'], 'const price = 4;\n');
  });

  it('writes a new file without a read, and no existing one', async () => {
    await save();
    assert.equal((await json(shapes.writtenDocument, 0, ['write', 'cost', 'new.js'], 'new')).created, true);
    place.write('other.js', 'other');
    const conflict = await json(shapes.conflictDocument, 3, ['write', 'cost', 'other.js'], 'mine');
    assert.equal(conflict.reason, 'unread');
    assert.equal(conflict.seen, null);
    const forced = await json(shapes.writtenDocument, 0, ['write', 'cost', 'other.js', '--force'], 'mine');
    assert.equal(forced.key, 'other.js');
  });

  it('passes over what a policy ignores', async () => {
    await save();
    place.write('price.js', 'const price = 3;\n');
    assert.equal((await json(shapes.checkDocument, 3, ['check', 'cost', '--policy', 'files=block'])).action, 'block');
    const ignored = await json(shapes.checkDocument, 0, ['check', 'cost', '--policy', 'files=ignore']);
    assert.equal(ignored.action, 'continue');
    assert.equal(ignored.clean, false);
  });

  it('compares a configuration that is given, and names a tool parameter that is gone', async () => {
    const snapshot = {
      schema: 'holdfast/1',
      session_id: 's-20261120-00000001',
      created_at: '2026-11-20T10:00:00.000Z',
      agent_config: { llm_model: 'one' },
      tools: [{ name: 'edit', schema: { type: 'object', properties: { path: {}, limit: { type: 'integer' } } } }],
      history: [
        { id: 'm1', role: 'assistant', content: [{ type: 'tool_call', id: 't1', name: 'edit', input: { limit: 1 } }] },
      ],
    };
    place.write('own.json', JSON.stringify(snapshot));
    await json(shapes.savedDocument, 0, ['import', 'own.json']);
    place.write('config.json', '{"llm_model":"two"}');
    place.write(
      'tools.json',
      JSON.stringify([{ name: 'edit', input_schema: { type: 'object', properties: { path: {} } } }]),
    );
    const flags = ['--config', 'config.json', '--tools', 'tools.json'];
    const drift = await json(shapes.checkDocument, 3, ['check', 'own', ...flags]);
    assert.deepEqual(drift.config, [{ field: 'llm_model', saved: 'one', now: 'two' }]);
    assert.deepEqual(drift.tools, [
      {
        tool: 'edit',
        change: 'changed',
        effect: 'breaking',
        parameters: [{ parameter: 'limit', change: 'removed', effect: 'breaking', saved: { type: 'integer' } }],
        too_big: false,
        used_by: ['m1'],
      },
    ]);
  });

  it('forks at a message, by its number or its id, under the parent', async () => {
    const saved = await save();
    const fork = await json(shapes.forkDocument, 0, ['fork', 'cost', '--at', '3', '--name', 'cheaper']);
    assert.deepEqual(fork.parent, { name: 'cost', session_id: saved.session_id, message: 3 });
    assert.equal(fork.messages, 3);
    const shown = await json(shapes.showDocument, 0, ['show', 'cheaper']);
    assert.equal(shown.history.length, 3);
    const byId = await json(shapes.forkDocument, 0, ['fork', 'cost', '--at', String(shown.history[1]?.id)]);
    assert.equal(byId.messages, 2);
    assert.notEqual(byId.name, 'cost');
    const rows = (await json(shapes.listDocument, 0, ['list'])).sessions;
    const row = rows.find(({ name }) => name === 'cheaper');
    assert.deepEqual(row?.parent, { session_id: saved.session_id, message: 3 });
  });

  it('shows a range of messages, as JSON and as text', async () => {
    await save();
    const shown = await json(shapes.showDocument, 0, ['show', 'cost', '--messages', '2:3']);
    assert.equal(shown.history.length, 2);
    assert.deepEqual(shown.range, { from: 2, to: 3 });
    const text = await place.run(['show', 'cost', '--messages', '4:']);
    assert.match(text.out, /## 4\. Assistant/);
    assert.match(text.out, /Two\./);
  });

  it('renames, deletes and brings back', async () => {
    await save();
    assert.deepEqual(await json(shapes.renameDocument, 0, ['rename', 'cost', 'Preis 价格 🏷️']), {
      name: 'Preis 价格 🏷️',
      was: 'cost',
    });
    const { trash_id } = await json(shapes.deleteDocument, 0, ['delete', 'Preis 价格 🏷️']);
    assert.deepEqual((await json(shapes.listDocument, 0, ['list'])).sessions, []);
    const { trash } = await json(shapes.trashDocument, 0, ['restore', '--list']);
    assert.deepEqual(
      trash.map(({ id }) => id),
      [trash_id],
    );
    assert.equal((await json(shapes.restoreDocument, 0, ['restore', 'Preis 价格 🏷️'])).trash_id, trash_id);
    assert.equal((await json(shapes.listDocument, 0, ['list'])).sessions.length, 1);
  });

  it('exports one file that imports elsewhere with the same messages', async () => {
    await save();
    const exported = await json(shapes.exportDocument, 0, ['export', 'cost', '--output', 'cost.json']);
    assert.equal(exported.bytes, fs.statSync(path.join(place.folder, 'cost.json')).size);
    const again = await json(shapes.errorDocument, 1, ['export', 'cost', '--output', 'cost.json']);
    assert.equal(again.error.code, 'exists');
    await json(shapes.exportDocument, 0, ['export', 'cost', '--output', 'cost.json', '--force']);
    const text = fs.readFileSync(path.join(place.folder, 'cost.json'), 'utf8');
    // Where the agent keeps its transcript is nobody's business elsewhere.
    assert.equal(JSON.parse(text).source.transcript, undefined);
    const imported = await json(shapes.savedDocument, 0, ['import', 'cost.json', '--name', 'copy']);
    assert.equal(imported.messages, 4);
    assert.equal(imported.calls, 1);
    const history = async (name: string) => (await json(shapes.showDocument, 0, ['show', name])).history;
    assert.deepEqual(await history('copy'), await history('cost'));
  });

  it('keeps big outputs apart, and puts them back into an export', async () => {
    const output = 'x'.repeat(100_000);
    const snapshot = {
      schema: 'holdfast/1',
      session_id: 's-20261120-00000001',
      created_at: '2026-11-20T10:00:00.000Z',
      history: [
        { id: 'm1', role: 'assistant', content: [{ type: 'tool_call', id: 't1', name: 'cat', input: {} }] },
        { id: 'm2', role: 'tool', content: [{ type: 'tool_result', call_id: 't1', output }] },
      ],
    };
    place.write('big.json', JSON.stringify(snapshot));
    await json(shapes.savedDocument, 0, ['import', 'big.json']);
    const stored = fs.statSync(path.join(place.folder, '.sessions', 'big.json')).size;
    assert.ok(stored < 10_000, `${stored} bytes`);
    const { out } = await place.run(['export', 'big']);
    assert.deepEqual(JSON.parse(out).history, snapshot.history);
  });

  it('exports for HelloAgents with plain texts, and reads that back', async () => {
    await save();
    const { out, code } = await place.run(['export', 'cost', '--format', 'helloagents']);
    assert.equal(code, 0);
    const document = JSON.parse(out);
    for (const field of ['session_id', 'created_at', 'agent_config', 'tool_schema_hash', 'read_cache', 'metadata']) {
      assert.ok(field in document, field);
    }
    for (const message of document.history) assert.equal(typeof message.content, 'string');
    place.write('hello.json', out);
    assert.equal((await json(shapes.savedDocument, 0, ['import', 'hello.json'])).messages, document.history.length);
  });

  it('exports plain chat messages, and reads that back', async () => {
    await save();
    const { out, code } = await place.run(['export', 'cost', '--format', 'messages']);
    assert.equal(code, 0);
    const messages: readonly { readonly role: string }[] = JSON.parse(out);
    assert.ok(messages.some(({ role }) => role === 'tool'));
    place.write('messages.json', out);
    assert.equal((await json(shapes.savedDocument, 0, ['import', 'messages.json'])).messages, messages.length);
  });

  it('exports Markdown', async () => {
    await save();
    const { out } = await place.run(['export', 'cost', '--format', 'markdown']);
    assert.match(out, /^# /);
    assert.match(out, /## 1\. User/);
  });

  it('prints how to resume, and what a fork would resume', async () => {
    await save();
    const own = await json(shapes.resumeDocument, 0, ['resume', 'cost', '--print']);
    assert.deepEqual(own, {
      command: 'claude',
      args: ['--resume', CLAUDE_ID],
      cwd: place.folder,
      agent: 'claude-code',
      native_id: CLAUDE_ID,
      native: 'present',
      hand_over: null,
      briefing: null,
      restored: { model: null, provider: null },
    });
    assert.match((await place.run(['resume', 'cost', '--print'])).out, /^cd .* && claude --resume /);
    await place.run(['fork', 'cost', '--name', 'other']);
    const fork = await json(shapes.resumeDocument, 0, ['resume', 'other', '--print']);
    assert.equal(fork.native, 'missing');
    assert.notEqual(fork.native_id, CLAUDE_ID);
    assert.deepEqual(await json(shapes.resumeDocument, 0, ['resume', 'other', '--print']), fork);
  });
});
