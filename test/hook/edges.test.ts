import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { hookPlace, hookStamps, seenBefore } from '../../src/agents/index.ts';
import { skipBecause } from '../support/skip.ts';
import { type Calls, claude, codex, copilot, gemini, ID } from './support/calls.ts';
import { type Desk, makeDesk } from './support/desk.ts';

describe('what a hook decides', () => {
  let desk: Desk;
  let calls: Calls;
  let file: string;
  beforeEach(async () => {
    desk = makeDesk();
    calls = claude(desk.folder);
    file = desk.write('src/a.js', 'one\ntwo\n');
    await desk.run(calls.start('new'));
  });
  afterEach(() => desk.remove());
  const read = (of: Calls = calls) => desk.run(of.read(file, fs.readFileSync(file, 'utf8')));
  const edit = (of: Calls = calls) => desk.run(of.edit('before', file, 'one', 'eins'));
  const write = (name: string, of: Calls = calls) => desk.run(of.write('before', desk.path(name), 'x\n'));
  const patch = (text: string) => {
    const { payload, words } = codex(desk.folder).shell('before', '');
    const tool = { tool_name: 'apply_patch', tool_input: { command: `*** Begin Patch\n${text}\n*** End Patch` } };
    return { words, payload: { ...payload, ...tool } };
  };

  it('denies an edit where the file changed between the read and its hook', async () => {
    const shown = calls.read(file, 'one\ntwo\n');
    fs.appendFileSync(file, 'slipped in\n');
    assert.equal(await desk.run(shown), '');
    assert.ok(calls.denied(await edit()));
    await read();
    assert.equal(await edit(), '');
  });

  it('takes a second difference of the same version for the agent’s way of showing it', async () => {
    const shown = calls.read(file, 'shown otherwise\n');
    await desk.run(shown);
    assert.ok(calls.denied(await edit()));
    await desk.run(shown);
    assert.equal(await edit(), '');
  });

  it('takes a difference for that at once where the file was at rest', async () => {
    // ctime is now, whatever is done: the hook's clock is a minute ahead.
    await desk.run(calls.read(file, 'shown otherwise\n'), { now: () => Date.now() + 60_000 });
    assert.equal(await edit(), '');
  });

  it('counts a part of a file that was read as read', async () => {
    const { words, payload } = calls.read(file, 'two\n');
    const response = { type: 'text', file: { content: 'two', startLine: 2, numLines: 1, totalLines: 2 } };
    await desk.run({ words, payload: { ...payload, tool_response: response } });
    assert.equal(await edit(), '');
  });

  it('sees the same text in a file with a BOM, CRLF and bytes that are no UTF-8', async () => {
    fs.writeFileSync(file, Buffer.concat([Buffer.from('\uFEFFone\r\ntwo '), Buffer.from([0xe9]), Buffer.from('\r\n')]));
    await desk.run(calls.read(file, 'one\ntwo \uFFFD\n'));
    assert.equal(await edit(), '');
  });

  it('tells of an edit that went into a version which the session has not seen, and denies the next', async () => {
    await read();
    assert.equal(await edit(), '');
    fs.writeFileSync(file, 'eins\ntwo\nslipped in\n');
    const { words, payload } = calls.edit('after', file, 'one', 'eins');
    const response = { filePath: file, originalFile: 'one\ntwo\nslipped in\n', structuredPatch: [] };
    const after = { words, payload: { ...payload, tool_response: response } };
    assert.match(calls.told(await desk.run(after)) ?? '', /not what this session's edit alone would have made/);
    assert.equal(await desk.run(after), '');
    assert.ok(calls.denied(await edit()));
  });

  it('tells of a write that replaced what the session has not seen', async () => {
    await read();
    fs.writeFileSync(file, 'x\n');
    const { words, payload } = calls.write('after', file, 'x\n');
    const response = { type: 'update', filePath: file, content: 'x\n', originalFile: 'one\ntwo\nslipped in\n' };
    const said = calls.told(await desk.run({ words, payload: { ...payload, tool_response: response } }));
    assert.match(said ?? '', /was changed by somebody else just before this write/);
    assert.equal(await edit(), '');
  });

  it('does not take a failed edit for a look at the file', async () => {
    const of = gemini(desk.folder);
    await desk.run(of.start('new'));
    await read(of);
    fs.appendFileSync(file, 'x');
    const { words, payload } = of.edit('after', file, 'nope', 'x');
    const response = { llmContent: 'Could not find', error: { message: 'Could not find' } };
    await desk.run({ words, payload: { ...payload, tool_response: response } });
    assert.ok(of.denied(await edit(of)));
  });

  it('compares what Gemini CLI says that it made', async () => {
    const of = gemini(desk.folder);
    await desk.run(of.start('new'));
    await read(of);
    fs.writeFileSync(file, 'eins\ntwo\nslipped in\n');
    const { words, payload } = of.edit('after', file, 'one', 'eins');
    const response = { llmContent: 'ok', returnDisplay: { originalContent: 'one\ntwo\n', newContent: 'eins\ntwo\n' } };
    assert.ok(of.told(await desk.run({ words, payload: { ...payload, tool_response: response } })));
    assert.ok(of.denied(await edit(of)));
  });

  it('says once that a file was deleted, so that it can be made anew', async () => {
    await read();
    fs.rmSync(file);
    assert.match(calls.denied(await write('src/a.js')) ?? '', /was deleted since .+ Repeat the edit only if/);
    assert.equal(await write('src/a.js'), '');
  });

  it('does not tell a model to read again what its own command removed', async () => {
    await read();
    fs.rmSync(file);
    const told = calls.told(await desk.run(calls.shell('after', 'rm src/a.js'))) ?? '';
    assert.match(told, /src\/a\.js \(deleted\)\.$/);
    assert.equal(await write('src/a.js'), '');
  });

  it('judges all files of a patch, those that it deletes or moves too', async () => {
    const of = codex(desk.folder);
    await desk.run(of.start('new'));
    const other = desk.write('b.js', 'b\n');
    await read(of);
    const both = patch('*** Update File: src/a.js\n@@\n-one\n+eins\n*** Delete File: b.js');
    assert.match(
      of.denied(await desk.run(both)) ?? '',
      /^Holdfast: b\.js exists, and this session has not read it\. Read it first/,
    );
    await desk.run(of.read(other, 'b\n'));
    assert.equal(await desk.run(both), '');
    desk.write('c.js', 'c\n');
    const move = patch('*** Update File: src/a.js\n*** Move to: c.js\n@@\n-one\n+eins');
    assert.match(of.denied(await desk.run(move)) ?? '', /c\.js exists/);
  });

  it('knows what a patch makes that a shell applies, of which Codex tells nothing afterwards', async () => {
    const of = codex(desk.folder);
    await desk.run(of.start('new'));
    await read(of);
    const script =
      "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: src/a.js\n@@\n-one\n+eins\n*** End Patch\nEOF";
    assert.equal(await desk.run(of.shell('before', script)), '');
    fs.writeFileSync(file, 'eins\ntwo\n');
    assert.equal(await desk.run(of.edit('before', file, 'two', 'zwei')), '');
    fs.appendFileSync(file, 'x');
    assert.ok(of.denied(await desk.run(of.edit('before', file, 'two', 'zwei'))));
    assert.ok(of.denied(await desk.run(of.shell('before', script))));
  });

  it('decides the same in both hooks that Copilot CLI runs for one call', async () => {
    const of = copilot(desk.folder);
    await desk.run(of.start('new'));
    const env = { COPILOT_CLI: '1', COPILOT_PROJECT_DIR: desk.folder };
    const at = Date.now();
    const own = (call: ReturnType<Calls['edit']>) => ({ ...call, payload: { ...call.payload, timestamp: at } });
    const asClaude = (path: string) => ({
      words: ['claude-code'],
      payload: {
        hook_event_name: 'PreToolUse',
        session_id: ID,
        timestamp: new Date(at).toISOString(),
        cwd: desk.folder,
        tool_name: 'Edit',
        tool_input: { path, old_str: 'one', new_str: 'eins' },
      },
    });
    const both = async () => {
      const first = of.denied(await desk.run(own(of.edit('before', file, 'one', 'eins')), { env }));
      const second = calls.denied(await desk.run(asClaude(file), { env }));
      assert.equal(first, second);
      return first;
    };
    assert.match((await both()) ?? '', /has not read it/);
    await read(of);
    assert.equal(await both(), undefined);
    fs.appendFileSync(file, 'x');
    assert.match((await both()) ?? '', /has changed/);
    fs.rmSync(file);
    assert.match((await both()) ?? '', /was deleted/);
  });

  it('finds one file by a link, by another spelling and by its absolute path', async () => {
    fs.symlinkSync('a.js', desk.path('src/link.js'));
    await desk.run(calls.read(desk.path('src/link.js'), 'one\ntwo\n'));
    assert.equal(await edit(), '');
    fs.appendFileSync(file, 'x');
    assert.match(calls.denied(await write('src/../src/link.js')) ?? '', /src\/a\.js has changed/);
  });

  it('protects a file outside the folder by its absolute path', async () => {
    const outside = path.join(desk.home, 'notes.txt');
    fs.writeFileSync(outside, 'a\n');
    await desk.run(calls.read(outside, 'a\n'));
    assert.equal(await desk.run(calls.edit('before', outside, 'a', 'b')), '');
    fs.writeFileSync(outside, 'b\n');
    assert.ok(calls.denied(await desk.run(calls.edit('before', outside, 'a', 'b')))?.includes(outside));
  });

  it('compares binary files by their bytes and huge ones by size and time', async () => {
    const image = desk.write('a.png', new Uint8Array([0, 1, 2]));
    await desk.run(calls.read(image, 'shown as an image'));
    assert.equal(await write('a.png'), '');
    fs.writeFileSync(image, new Uint8Array([0, 1, 3]));
    assert.ok(calls.denied(await write('a.png')));
    const huge = desk.write('huge.log', 'x');
    fs.truncateSync(huge, 101 * 1024 * 1024);
    await desk.run(calls.read(huge, 'x'));
    assert.equal(await desk.run(calls.edit('before', huge, 'x', 'y')), '');
    fs.appendFileSync(huge, 'y');
    assert.ok(calls.denied(await desk.run(calls.edit('before', huge, 'x', 'y'))));
  });

  it('denies the edit of a file that cannot be read now', async function () {
    if (process.getuid?.() === 0) skipBecause(this, 'root may read everything');
    await read();
    fs.chmodSync(file, 0);
    assert.match(calls.denied(await edit()) ?? '', /cannot be read now \(EACCES\)/);
  });

  it('says nothing of folders, and of tools and events that are not its own', async () => {
    fs.mkdirSync(desk.path('lib'));
    assert.equal(await write('lib'), '');
    const { words, payload } = calls.edit('before', file, 'one', 'x');
    for (const more of [{ tool_name: 'WebFetch' }, { tool_name: '' }, { hook_event_name: 'Notification' }])
      assert.equal(await desk.run({ words, payload: { ...payload, ...more } }), '');
    assert.deepEqual(desk.log, []);
  });

  it('understands a patch that is all that a tool is given', async () => {
    const of = copilot(desk.folder);
    await desk.run(of.start('new'));
    const { words, payload } = of.edit('before', file, 'one', 'eins');
    const text = '*** Begin Patch\n*** Update File: src/a.js\n@@\n-one\n+eins\n*** End Patch';
    for (const toolArgs of [text, { input: text }, JSON.stringify({ patch: text })]) {
      const call = { words, payload: { ...payload, toolName: 'apply_patch', toolArgs } };
      assert.match(of.denied(await desk.run(call)) ?? '', /has not read it/);
    }
  });

  describe('where hooks were installed in the middle of a session', () => {
    const resumed = '8c1d7e60-3b52-4f0a-9d7e-64a1b9c2e815';
    const at = (call: ReturnType<Calls['edit']>) => ({
      ...call,
      payload: { ...call.payload, session_id: resumed, transcript_path: desk.path('../t.jsonl') },
    });
    const loadSeenBefore = () => Promise.resolve(seenBefore);
    const blind = () => desk.run(at(calls.edit('before', file, 'one', 'eins')), { loadSeenBefore });

    function transcript(): void {
      const common = { sessionId: resumed, cwd: desk.folder, version: '2.1.329', timestamp: new Date().toISOString() };
      const use = { type: 'tool_use', id: 't1', name: 'Read', input: { file_path: file } };
      const result = { type: 'tool_result', tool_use_id: 't1', content: '1\tone\n2\ttwo\n3\t' };
      const shown = {
        type: 'text',
        file: { filePath: file, content: 'one\ntwo\n', numLines: 3, startLine: 1, totalLines: 3 },
      };
      const lines = [
        { ...common, type: 'user', uuid: 'u1', parentUuid: null, message: { role: 'user', content: 'go' } },
        { ...common, type: 'assistant', uuid: 'u2', parentUuid: 'u1', message: { role: 'assistant', content: [use] } },
        {
          ...common,
          type: 'user',
          uuid: 'u3',
          parentUuid: 'u2',
          message: { role: 'user', content: [result] },
          toolUseResult: shown,
        },
      ];
      fs.writeFileSync(desk.path('../t.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
    }

    it('takes what the session read before from its transcript, once', async () => {
      transcript();
      assert.equal(await blind(), '');
      fs.rmSync(desk.path('../t.jsonl'));
      fs.appendFileSync(file, 'x');
      assert.match(calls.denied(await blind()) ?? '', /has changed/);
      desk.write('b.js', 'b');
      const other = await desk.run(at(calls.edit('before', desk.path('b.js'), 'b', 'c')), { loadSeenBefore });
      assert.match(calls.denied(other) ?? '', /has not read it/);
    });

    it('finds there what the session was shown by other ways than its tools', async () => {
      transcript();
      await desk.run(at(calls.start('new')));
      assert.equal(await blind(), '');
    });

    it('lets an edit through where nothing can be known, says so once, and protects what is read from then on', async () => {
      const first = JSON.parse(await blind());
      assert.match(first.systemMessage, /not known what this session has read before/);
      assert.equal(first.hookSpecificOutput, undefined);
      assert.equal(await blind(), '');
      await desk.run(at(calls.read(file, 'one\ntwo\n')));
      fs.appendFileSync(file, 'x');
      assert.match(calls.denied(await blind()) ?? '', /has changed/);
    });

    it('lets an edit through where the transcript cannot be read', async () => {
      const fails = () => Promise.reject(new Error('no such program'));
      assert.ok(await desk.run(at(calls.edit('before', file, 'one', 'x')), { loadSeenBefore: fails }));
      assert.match(desk.log.join('\n'), /its transcript could not be read: no such program/);
    });
  });

  it('gives what it noted to the session that is saved', async () => {
    fs.mkdirSync(desk.path('.sessions'));
    await read();
    const stamps = await hookStamps(desk.folder, 'claude-code', ID);
    assert.deepEqual([...stamps.keys()], ['src/a.js']);
    assert.equal(stamps.get('src/a.js')?.sha256?.length, 64);
    fs.appendFileSync(file, 'x');
    await desk.run(calls.shell('after', 'echo x >> src/a.js'));
    assert.equal((await hookStamps(desk.folder, 'claude-code', ID)).size, 0);
  });

  it('starts a save at the end of a turn only where sessions were saved and the command line lies beside it', async () => {
    const cli = desk.write('../bundles/holdfast.cjs', '');
    await desk.run(calls.turnEnd(), { cli });
    fs.mkdirSync(desk.path('.sessions'));
    await desk.run(calls.turnEnd(), { cli });
    assert.deepEqual(desk.started, []);
    desk.write('.sessions/refactor.json', '{}');
    await desk.run(calls.turnEnd(), { cli: undefined });
    await desk.run(calls.turnEnd(), { cli });
    assert.deepEqual(desk.started, [[cli, 'save', `claude-code:${ID}`, '--folder', desk.folder, '--if-saved']]);
  });
});

describe('what would stop an agent for good', () => {
  let desk: Desk;
  let calls: Calls;
  let file: string;
  beforeEach(async () => {
    desk = makeDesk();
    calls = codex(desk.folder);
    file = desk.write('src/a.js', 'one\ntwo\n');
    await desk.run(calls.start('new'));
  });
  afterEach(() => desk.remove());
  const edit = (of: Calls = calls) => desk.run(of.edit('before', file, 'one', 'eins'));
  const shell = (command: string, printed: string) => desk.run(calls.shell('after', command, printed));

  it('is no denial after which the model looks at the file by a command that nobody knows', async () => {
    for (const look of [
      'python3 -c "print(open(\'src/a.js\').read())"',
      'git diff src/a.js | sed s/^.//',
      'rg -n . src',
    ]) {
      fs.appendFileSync(file, `${look}\n`);
      assert.ok(calls.denied(await edit()), look);
      await shell('make', 'done');
      await shell('touch src/a.js', '');
      assert.ok(calls.denied(await edit()), look);
      await shell(look, `src/a.js: ${fs.readFileSync(file, 'utf8')}`);
      assert.equal(await edit(), '', look);
    }
    await shell('sed -i s/one/1/ src/a.js && echo ok', 'ok');
    fs.writeFileSync(file, '1\n');
    assert.ok(calls.denied(await edit()));
    fs.writeFileSync(file, '2\n');
    await shell('echo src/a.js', 'src/a.js');
    assert.ok(calls.denied(await edit()), 'changed since the denial');
  });

  it('is no output of a command that the agent cut', async () => {
    const text = Array.from({ length: 400 }, (_, number) => `line ${number}\n`).join('');
    fs.writeFileSync(file, text);
    await shell('cat src/a.js', `${text.slice(0, 900)}…3000 tokens truncated…${text.slice(-900)}`);
    assert.equal(await edit(), '');
  });

  it('is no state that cannot be written: nothing could lift the denial', async function () {
    if (process.getuid?.() === 0) skipBecause(this, 'root may write everything');
    await desk.run(calls.read(file, desk.read('src/a.js')));
    fs.appendFileSync(file, 'x');
    assert.ok(calls.denied(await edit()));
    const { current } = hookPlace(desk.folder, desk.home);
    for (const name of fs.readdirSync(current)) fs.chmodSync(path.join(current, name), 0o400);
    assert.equal(await edit(), '');
    assert.match(desk.log.join(), /EACCES/);
  });

  it('is no file that Claude Code shows in its own way, and then not again', async () => {
    const of = claude(desk.folder);
    const shown = of.read(file, 'shown otherwise\n');
    await desk.run(shown);
    assert.ok(of.denied(await edit(of)));
    await desk.run({ ...shown, payload: { ...shown.payload, tool_response: { type: 'file_unchanged', file: {} } } });
    assert.equal(await edit(of), '');
    fs.appendFileSync(file, 'x');
    await desk.run({ ...shown, payload: { ...shown.payload, tool_response: { type: 'file_unchanged', file: {} } } });
    assert.ok(of.denied(await edit(of)));
  });

  it('is no news of files whose version the transcript does not tell', async () => {
    const loadSeenBefore = async () => async () => ({ 'src/a.js': { seen_at: new Date(1).toISOString() } });
    assert.match(
      calls.denied(await desk.run(calls.edit('before', file, 'a', 'b'), { loadSeenBefore })) ?? '',
      /may have/,
    );
    assert.equal(await shell('make', 'done'), '');
  });
});

describe('a formatter that runs after each edit', () => {
  let desk: Desk;
  let calls: Calls;
  let file: string;
  const made = 'const a = "eins"\nconst b = [1, 2]\n';
  const formatted = "const a = 'eins';\nconst b = [\n  1,\n  2,\n];\n";
  beforeEach(async () => {
    desk = makeDesk();
    calls = claude(desk.folder);
    file = desk.write('a.js', 'const a = "one"\nconst b = [1, 2]\n');
    await desk.run(calls.start('new'));
    await desk.run(calls.read(file, desk.read('a.js')));
    assert.equal(await desk.run(calls.edit('before', file, 'one', 'eins')), '');
    desk.write('a.js', made);
  });
  afterEach(() => desk.remove());
  const next = () => desk.run(calls.edit('before', file, 'a', 'b'));

  it('is no change by somebody else, when it ends behind the hook', async () => {
    await desk.run(calls.edit('after', file, 'one', 'eins'));
    desk.write('a.js', formatted);
    assert.equal(await desk.run(calls.shell('after', 'make')), '');
    assert.equal(await next(), '');
    desk.write('a.js', formatted.replace('2', '3'));
    const { words, payload } = calls.edit('after', file, '2', '3');
    const response = { filePath: file, originalFile: formatted, structuredPatch: [] };
    assert.equal(await desk.run({ words, payload: { ...payload, tool_response: response } }), '');
    assert.equal(await next(), '');
  });

  it('is none either when it ends before the hook', async () => {
    desk.write('a.js', formatted);
    assert.equal(await desk.run(calls.write('after', file, made)), '');
    assert.equal(await next(), '');
  });

  it('hides no change of a word, and none that comes later', async () => {
    await desk.run(calls.edit('after', file, 'one', 'eins'));
    desk.write('a.js', formatted.replace('eins', 'zwei'));
    assert.ok(calls.denied(await next()));
    desk.write('a.js', made);
    await desk.run(calls.edit('after', file, 'one', 'eins'), { now: () => Date.now() - 60_000 });
    desk.write('a.js', formatted);
    assert.ok(calls.denied(await next()));
  });
});
