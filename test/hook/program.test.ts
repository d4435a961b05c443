import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Call, claude, codex } from './support/calls.ts';
import { type Desk, makeDesk } from './support/desk.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** The bundle itself, as agents start it. */
describe('the hook’s program', () => {
  let bundle: Buffer;
  let desk: Desk;
  let program: string;
  before(function () {
    this.timeout(30_000);
    const built = spawnSync(process.execPath, ['esbuild.mjs', '--only', 'hook'], { cwd: ROOT, encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    bundle = fs.readFileSync(path.join(ROOT, 'dist/hook.cjs'));
  });
  beforeEach(() => {
    desk = makeDesk();
    program = path.join(desk.home, 'hook.cjs');
    fs.writeFileSync(program, bundle);
  });
  afterEach(() => desk.remove());

  function run({ words, payload }: Call, input = JSON.stringify(payload)) {
    const env = { HOME: desk.home, PATH: process.env['PATH'] };
    const options = { cwd: desk.folder, env, input, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], options);
    return { status, stdout, stderr };
  }
  const silence = { status: 0, stdout: '', stderr: '' };

  it('holds neither zod nor anything else that it can do without', () => {
    assert.ok(bundle.length < 60_000, `${bundle.length} bytes`);
  });

  it('denies an edit of a file that changed since the session read it', () => {
    const calls = claude(desk.folder);
    const file = desk.write('a.js', 'one\n');
    assert.deepEqual(run(calls.start('new')), silence);
    assert.deepEqual(run(calls.read(file, 'one\n')), silence);
    assert.deepEqual(run(calls.edit('before', file, 'one', 'x')), silence);
    fs.appendFileSync(file, 'two\n');
    const { status, stdout, stderr } = run(calls.edit('before', file, 'one', 'x'));
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(calls.denied(stdout) ?? '', /a\.js has changed since this session read it/);
  });

  it('ends well and in silence, whatever it is given', () => {
    const call = codex(desk.folder).turnEnd();
    for (const input of ['', '{', 'null', '{"session_id":1}', '\u0000', '{"session_id":"s","hook_event_name":"x"}'])
      assert.deepEqual(run(call, input), silence, input);
    assert.deepEqual(run({ words: [], payload: {} }), silence);
    assert.match(fs.readFileSync(path.join(desk.home, '.holdfast/hooks/hook.log'), 'utf8'), /no payload of a hook/);
  });

  it('lets an agent go on, and tells its person once, where what reads transcripts is not beside it', () => {
    const calls = claude(desk.folder);
    const file = desk.write('a.js', 'one\n');
    assert.match(
      JSON.parse(run(calls.edit('before', file, 'one', 'x')).stdout).systemMessage,
      /not known what this session/,
    );
    assert.deepEqual(run(calls.edit('before', file, 'one', 'x')), silence);
  });

  it('waits for an agent that writes its payload piece by piece', async () => {
    const calls = claude(desk.folder);
    const file = desk.write('a.js', 'one\n');
    run(calls.start('new'));
    const { words, payload } = calls.write('before', file, 'x'.repeat(300_000));
    const text = JSON.stringify(payload);
    const child = spawn(process.execPath, [program, ...words], { cwd: desk.folder, env: { HOME: desk.home } });
    let out = '';
    child.stdout.on('data', (bytes) => {
      out += bytes;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    for (const piece of [text.slice(0, 100), text.slice(100, 200_000), text.slice(200_000)])
      await new Promise((resolve) => child.stdin.write(piece, resolve));
    child.stdin.end();
    assert.equal(await ended, 0);
    assert.match(calls.denied(out) ?? '', /has not read it/);
  });

  it('ends well where its working folder is gone, and where nobody takes its answer', async () => {
    const calls = claude(desk.folder);
    const file = desk.write('a.js', 'one\n');
    run(calls.start('new'));
    const { words, payload } = calls.edit('before', file, 'one', 'x');
    const gone = path.join(desk.home, 'gone');
    const script = `mkdir "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"`;
    const env = { HOME: desk.home, PATH: process.env['PATH'] };
    const options = { env, input: JSON.stringify(payload), encoding: 'utf8' } as const;
    const args = ['-c', script, 'sh', gone, process.execPath, program, ...words];
    const { status, stdout, stderr } = spawnSync('/bin/sh', args, options);
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(calls.denied(stdout));
    const closed = ['-c', 'exec "$@" >&- 2>&-', 'sh', process.execPath, program, ...words];
    assert.equal(spawnSync('/bin/sh', closed, options).status, 0);
  });

  it('starts the save of a session, and does not wait for it', async () => {
    desk.write('.sessions/refactor.json', '{}');
    const said = path.join(desk.home, 'said');
    const go = path.join(desk.home, 'go');
    fs.writeFileSync(path.join(desk.home, 'holdfast.cjs'), waits(go, said));
    const { payload, words } = claude(desk.folder).turnEnd();
    assert.deepEqual(run({ words, payload }), silence);
    assert.equal(fs.existsSync(said), false);
    fs.writeFileSync(go, '');
    for (const until = Date.now() + 10_000; !fs.existsSync(said) && Date.now() < until; )
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.match(fs.readFileSync(said, 'utf8'), /^save claude-code:\S+ --folder .+ --if-saved$/);
  });
});

/** A program that writes its words to a file once another file is there. */
function waits(go: string, said: string): string {
  return `const fs = require('node:fs');
const timer = setInterval(() => {
  if (!fs.existsSync(${JSON.stringify(go)})) return;
  clearInterval(timer);
  fs.writeFileSync(${JSON.stringify(`${said}.part`)}, process.argv.slice(2).join(' '));
  fs.renameSync(${JSON.stringify(`${said}.part`)}, ${JSON.stringify(said)});
}, 20);
setTimeout(() => process.exit(), 20000).unref();
`;
}
