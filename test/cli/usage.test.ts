import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { skipBecause } from '../support/skip.ts';
import { makePlace, type Place } from './support/cli.ts';
import { errorDocument, listDocument, showDocument } from './support/shapes.ts';

const SNAPSHOT = {
  schema: 'holdfast/1',
  session_id: 's-20261120-00000001',
  name: 'one',
  revision: 1,
  created_at: '2026-11-20T10:00:00.000Z',
  message_count: 1,
};

describe('command line: what bad input gets', () => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
  });
  afterEach(() => place.remove());

  const error = async (code: number, argv: string[]): Promise<{ code: string; message: string; hint: string }> => {
    const ran = await place.run([...argv, '--json']);
    assert.equal(ran.code, code, ran.out);
    const document = z.parse(errorDocument, ran.json);
    assert.notEqual(document.error.message, '');
    assert.notEqual(document.error.hint, '');
    return document.error;
  };
  const snapshot = (name: string, history: unknown, more: object = {}): void =>
    place.write(`.sessions/${name}.json`, `${JSON.stringify({ ...SNAPSHOT, name, ...more, history })}\n`);

  it('answers an unknown verb with the one that was meant, exit code 2', async () => {
    const { code, hint } = await error(2, ['lst']);
    assert.equal(code, 'usage');
    assert.match(hint, /list/);
    const text = await place.run(['lst']);
    assert.equal(text.out, '');
    assert.match(text.err, /unknown command 'lst'/);
  });

  it('answers missing arguments, unknown flags and bad values with exit code 2', async () => {
    for (const argv of [
      ['show'],
      [],
      ['list', '--nope'],
      ['show', 'a', '--messages', '3:1'],
      ['check', 'a', '--policy', 'files=maybe'],
      ['export', 'a', '--format', 'docx'],
      ['save', 'claude-code'],
      ['briefing', 'a', '--max-characters', '0'],
      ['restore'],
    ]) {
      assert.equal((await error(2, argv)).code, 'usage', argv.join(' '));
    }
  });

  it('prints help and version, and takes flags on either side of the verb', async () => {
    const help = await place.run(['--help']);
    assert.equal(help.code, 0);
    for (const verb of [
      'list',
      'show',
      'save',
      'import',
      'check',
      'briefing',
      'fork',
      'rename',
      'delete',
      'restore',
      'export',
      'resume',
      'recovered',
      'read',
      'write',
    ]) {
      assert.match(help.out, new RegExp(`^  ${verb} `, 'm'));
    }
    assert.match((await place.run(['--version'])).out, /^\d+\.\d+\.\d+/);
    z.parse(listDocument, (await place.run(['--json', '--folder', place.folder, 'list'])).json);
  });

  for (const name of [
    '../x',
    'a/b',
    'CON',
    'nul.txt',
    'a:b',
    'x'.repeat(300),
    '.hidden',
    'dot.',
    '',
    'a\u0000b',
    'a\u001b[31m',
  ]) {
    it(`refuses ${JSON.stringify(name.slice(0, 20))} as a name and says what is allowed`, async () => {
      snapshot('one', []);
      for (const argv of [
        ['rename', 'one', name],
        ['rename', name, 'two'],
        ['fork', 'one', '--name', name],
        ['show', name],
        ['delete', name],
      ]) {
        const { code, hint, message } = await error(1, argv);
        assert.equal(code, 'invalid-name', argv.join(' '));
        assert.match(hint, /at most/);
        assert.ok(!message.includes('\u001b'));
      }
      assert.deepEqual(fs.readdirSync(place.dir).sort(), ['home', 'shop']);
    });
  }

  it('names what is missing: folder, session, file, live session, agent, message, trash', async () => {
    snapshot('one', [{ id: 'm1', role: 'user', content: 'Hi' }]);
    const id = '00000000-0000-4000-8000-000000000000';
    for (const [expected, argv] of [
      ['no-folder', ['list', '--folder', path.join(place.dir, 'nowhere')]],
      ['no-such-session', ['show', 'two']],
      ['no-such-session', ['delete', 'two']],
      ['no-such-session', ['read', 'two', 'a']],
      ['no-such-file', ['import', 'nowhere.jsonl']],
      ['no-such-file', ['read', 'one', 'nowhere.js']],
      ['no-such-live-session', ['save', `codex:${id}`]],
      ['unknown-agent', ['save', `nobody:${id}`]],
      ['no-such-message', ['fork', 'one', '--at', '7']],
      ['no-such-message', ['show', 'one', '--messages', '9:']],
      ['no-such-trash', ['restore', 'two']],
      ['not-native', ['resume', 'one', '--print']],
      ['outside', ['read', 'one', '../home/secret']],
      ['protected', ['read', 'one', '.sessions/one.json']],
      ['not-a-file', ['import', '.']],
    ] as const) {
      fs.writeFileSync(path.join(place.home, 'secret'), 'secret');
      assert.equal((await error(1, [...argv])).code, expected, argv.join(' '));
    }
  });

  it('refuses to import what is no session, and keeps the file', async () => {
    for (const [file, content] of [
      ['empty.jsonl', ''],
      ['notes.txt', 'hello'],
      ['other.json', '{"a":1}'],
      ['list.json', '[1,2]'],
      ['binary.bin', '\u0000\u0001\ufffd'],
    ] as const) {
      place.write(file, content);
      assert.equal((await error(1, ['import', file])).code, 'unknown-format', file);
      assert.equal(place.text(file), content);
    }
    assert.deepEqual(z.parse(listDocument, (await place.run(['list', '--json'])).json).sessions, []);
  });

  it('lists damaged files with their problems beside the others, and changes none', async () => {
    snapshot('good', [{ id: 'm1', role: 'user', content: 'Hi' }]);
    place.write('.sessions/empty.json', '');
    place.write('.sessions/cut.json', JSON.stringify(SNAPSHOT).slice(0, 40));
    fs.mkdirSync(path.join(place.folder, '.sessions', 'folder.json'));
    const { sessions } = z.parse(listDocument, (await place.run(['list', '--json'])).json);
    assert.deepEqual(sessions.map(({ name }) => name).sort(), ['cut', 'empty', 'folder', 'good']);
    for (const { name, state, problems } of sessions) {
      if (name !== 'good') assert.ok(state === 'unreadable' && problems.length > 0, String(name));
    }
    assert.equal((await error(1, ['show', 'empty'])).code, 'unreadable');
    assert.equal(place.text('.sessions/empty.json'), '');
  });

  it('recovers what a torn journal still holds, and says how much', async () => {
    place.write('a.txt', 'a');
    snapshot('one', [{ id: 'm1', role: 'user', content: 'Hi' }]);
    assert.equal((await place.run(['read', 'one', 'a.txt'])).code, 0);
    fs.appendFileSync(path.join(place.folder, '.sessions', 'one.journal.jsonl'), '{"type":"message","mess');
    const shown = z.parse(showDocument, (await place.run(['show', 'one', '--json'])).json);
    assert.equal(shown.recovered.events, shown.recovered.of - 1);
    assert.ok(shown.problems.length > 0);
    assert.equal(shown.history.length, 1);
  });

  it('shows a snapshot of a newer schema and never writes it', async () => {
    snapshot('new', [{ id: 'm1', role: 'user', content: 'Hi' }], { schema: 'holdfast/9' });
    const before = place.text('.sessions/new.json');
    assert.ok(z.parse(showDocument, (await place.run(['show', 'new', '--json'])).json).read_only);
    place.write('a.txt', 'a');
    assert.equal((await error(1, ['read', 'new', 'a.txt'])).code, 'read-only');
    assert.equal((await error(1, ['write', 'new', 'b.txt'])).code, 'read-only');
    assert.equal(place.text('.sessions/new.json'), before);
  });

  it('shows what a cut snapshot still holds, writes nothing to it, and says how to go on', async () => {
    snapshot('cut', [
      { id: 'm1', role: 'user', content: 'Hi' },
      { id: 'm2', role: 'user', content: 'Lost' },
    ]);
    const cut = place.text('.sessions/cut.json').replace(/Lost.*/s, 'Lo');
    place.write('.sessions/cut.json', cut);
    const shown = await place.run(['show', 'cut']);
    assert.match(shown.out, /Hi/);
    assert.match(shown.err, /ends too early/);
    const { code, hint } = await error(1, ['fork', 'cut']);
    assert.equal(code, 'read-only');
    assert.match(hint, /damaged.*holdfast import/);
    assert.equal(place.text('.sessions/cut.json'), cut);
    assert.equal((await place.run(['import', '.sessions/cut.json', '--name', 'rest'])).code, 0);
    assert.match((await place.run(['show', 'rest'])).out, /Hi/);
  });

  it('shows hostile content, lists it, and forks it', async () => {
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const lines = {
      deep: `{"id":"m1","role":"user","content":"Hi","more":${nested}}`,
      proto: '{"id":"__proto__","role":"user","content":"Hi","__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}',
      lone: '{"id":"m1","role":"user","content":"a\\ud800b"}',
      twice: '{"id":"m1","role":"user","content":"Hi"},\n{"id":"m1","role":"user","content":"Ho"}',
      bytes: '{"id":"m1","role":"user","content":"\u00ff\u00fe"}',
    };
    for (const [name, line] of Object.entries(lines)) {
      const head = JSON.stringify({ ...SNAPSHOT, name, message_count: name === 'twice' ? 2 : 1 }).slice(0, -1);
      place.write(
        `.sessions/${name}.json`,
        Buffer.from(`${head},\n"history":[\n${line}\n]}\n`, name === 'bytes' ? 'latin1' : 'utf8'),
      );
    }
    const { sessions } = z.parse(listDocument, (await place.run(['list', '--json'])).json);
    assert.deepEqual(sessions.map(({ name }) => name).sort(), Object.keys(lines).sort());
    for (const name of Object.keys(lines)) {
      const before = fs.readFileSync(path.join(place.folder, '.sessions', `${name}.json`));
      for (const argv of [
        ['show', name],
        ['show', name, '--json'],
        ['export', name],
        ['fork', name, '--name', `${name}2`],
      ]) {
        const ran = await place.run(argv);
        assert.equal(ran.code, 0, `${argv.join(' ')}: ${ran.err}`);
      }
      assert.deepEqual(fs.readFileSync(path.join(place.folder, '.sessions', `${name}.json`)), before);
    }
    assert.equal(Reflect.get({}, 'x'), undefined);
    assert.match((await place.run(['show', 'bytes'])).err, /not UTF-8/);
  });

  it('says of a session that was deleted after the list that it is not there', async () => {
    snapshot('gone', [{ id: 'm1', role: 'user', content: 'Hi' }]);
    snapshot('here', [{ id: 'm1', role: 'user', content: 'Hi' }]);
    await place.run(['list']);
    fs.rmSync(path.join(place.folder, '.sessions', 'gone.json'));
    for (const argv of [
      ['show', 'gone'],
      ['check', 'gone'],
      ['fork', 'gone'],
      ['delete', 'gone'],
      ['export', 'gone'],
    ]) {
      assert.equal((await error(1, argv)).code, 'no-such-session', argv.join(' '));
    }
    const { sessions } = z.parse(listDocument, (await place.run(['list', '--json'])).json);
    assert.deepEqual(
      sessions.map(({ name }) => name),
      ['here'],
    );
  });

  it('follows no link out of the folder, to read or to write', async function () {
    if (process.platform === 'win32') skipBecause(this, 'links need a privilege there');
    snapshot('one', [{ id: 'm1', role: 'user', content: 'Hi' }]);
    fs.writeFileSync(path.join(place.dir, 'secret'), 'secret');
    fs.symlinkSync(path.join(place.dir, 'secret'), path.join(place.folder, 'link'));
    fs.symlinkSync(path.join(place.dir, 'new'), path.join(place.folder, 'dangling'));
    for (const argv of [
      ['read', 'one', 'link'],
      ['write', 'one', 'link', '--force'],
      ['write', 'one', 'dangling'],
    ]) {
      assert.equal((await error(1, argv)).code, 'outside', argv.join(' '));
    }
    assert.deepEqual(fs.readdirSync(place.dir).sort(), ['home', 'secret', 'shop']);
    assert.equal(fs.readFileSync(path.join(place.dir, 'secret'), 'utf8'), 'secret');
  });

  it('says that a sessions folder lies elsewhere, instead of showing it empty', async function () {
    if (process.platform === 'win32') skipBecause(this, 'links need a privilege there');
    fs.mkdirSync(path.join(place.dir, 'elsewhere'));
    fs.symlinkSync(path.join(place.dir, 'elsewhere'), path.join(place.folder, 'linked'));
    for (const name of ['linked', '../elsewhere', '.', place.dir]) {
      assert.equal((await error(1, ['list', '--sessions-folder', name])).code, 'outside', name);
    }
    assert.equal((await place.run(['list', '--sessions-folder', 'sub/sessions'])).code, 0);
  });

  it('exports over a file only by force, never over a folder, and leaves nothing behind', async () => {
    snapshot('one', [{ id: 'm1', role: 'user', content: 'Hi' }]);
    place.write('file.json', 'mine');
    fs.mkdirSync(path.join(place.folder, 'taken'));
    const to = (file: string, ...more: string[]) => ['export', 'one', '--output', file, ...more];
    const { code, hint } = await error(1, to('file.json'));
    assert.equal(code, 'exists');
    assert.match(hint, /--force/);
    assert.equal(place.text('file.json'), 'mine');
    assert.equal((await error(1, to('taken'))).code, 'not-a-file');
    assert.equal((await error(1, to('taken', '--force'))).code, 'not-a-file');
    assert.equal((await error(1, to('nowhere/file.json'))).code, 'no-folder');
    assert.equal((await place.run(to('file.json', '--force'))).code, 0);
    assert.deepEqual(fs.readdirSync(place.folder).sort(), ['.sessions', 'file.json', 'taken']);
    assert.deepEqual(fs.readdirSync(path.join(place.folder, 'taken')), []);
  });

  it('imports a file whose name no session can have under one that is made from it', async () => {
    place.write('CON.json', JSON.stringify({ ...SNAPSHOT, history: [{ id: 'm1', role: 'user', content: 'Hi' }] }));
    const { out } = await place.run(['import', 'CON.json']);
    assert.match(out, /CON/);
  });

  it('lets no control character of a session reach the terminal', async () => {
    const evil = 'x\u001b]0;owned\u0007\u009b31m\u202ey\r';
    snapshot('evil', [{ id: 'm1', role: 'user', content: evil, timestamp: evil }], {
      title: evil,
      source: { agent: evil },
    });
    for (const argv of [
      ['list'],
      ['show', 'evil'],
      ['export', 'evil', '--format', 'markdown'],
      ['show', 'evil', '--json'],
    ]) {
      const { out, code } = await place.run(argv);
      assert.equal(code, 0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(out, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/, argv.join(' '));
    }
    assert.equal(JSON.parse((await place.run(['show', 'evil', '--json'])).out).history[0].content, evil);
  });

  it('never makes a command line from an id that is none', async () => {
    for (const native_id of ['--dangerously-skip-permissions', 'a; rm -rf /', '../x']) {
      snapshot('evil', [], { source: { agent: 'claude-code', native_id } });
      assert.equal((await error(1, ['resume', 'evil', '--print'])).code, 'unsafe-id');
    }
  });

  it('writes nothing where the sessions folder is a file', async () => {
    place.write('good.json', JSON.stringify({ ...SNAPSHOT, history: [{ id: 'm1', role: 'user', content: 'Hi' }] }));
    place.write('blocked', 'a file');
    assert.notEqual((await error(1, ['import', 'good.json', '--sessions-folder', 'blocked'])).code, 'internal');
    assert.equal(place.text('blocked'), 'a file');
  });

  it('says that a folder may not be written', async function () {
    if (process.getuid?.() === 0) skipBecause(this, 'root may write everywhere');
    place.write('good.json', JSON.stringify({ ...SNAPSHOT, history: [{ id: 'm1', role: 'user', content: 'Hi' }] }));
    fs.mkdirSync(path.join(place.folder, 'locked'), { mode: 0o500 });
    assert.equal((await error(1, ['import', 'good.json', '--sessions-folder', 'locked'])).code, 'no-permission');
  });

  it('tells a full disk and a folder without permission from other errors', async () => {
    const { systemFailed } = await import('../../src/cli/ending.ts');
    const failure = (code: string) => systemFailed({ code, path: '/x', message: code }).code;
    assert.deepEqual(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'].map(failure), [
      'disk-full',
      'disk-full',
      'no-permission',
      'no-permission',
      'io',
    ]);
  });

  it('turns a defect into a message without a stack', async () => {
    const ran = await place.run(['write', 'one', 'a', '--json'], {
      io: { input: () => Promise.reject(new Error('broken pipe of glass')) },
    });
    assert.equal(ran.code, 1);
    const { error: told } = z.parse(errorDocument, ran.json);
    assert.equal(told.code, 'internal');
    assert.match(told.message, /broken pipe of glass/);
    assert.doesNotMatch(ran.out + ran.err, /\n\s+at /);
  });
});
