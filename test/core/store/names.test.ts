import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type NameProblem, nameProblem, type SessionStore } from '../../../src/core/index.ts';
import { contents, loaded, message, session, useWorkspace } from './workspace.ts';

const refused: readonly (readonly [name: string, problem: NameProblem])[] = [
  ['', 'empty'],
  [' ', 'empty'],
  ['../x', 'separator'],
  ['..', 'leading-dot'],
  ['.', 'leading-dot'],
  ['../../outside', 'separator'],
  ['a/b', 'separator'],
  ['..\\x', 'separator'],
  ['/etc/passwd', 'separator'],
  ['C:\\x', 'separator'],
  ['a:b', 'forbidden-character'],
  ['a?', 'forbidden-character'],
  ['x\0', 'control-character'],
  ['a\nb', 'control-character'],
  ['\ud800', 'control-character'],
  ['.hidden', 'leading-dot'],
  ['x.', 'trailing-dot-or-space'],
  ['x ', 'trailing-dot-or-space'],
  ['CON', 'reserved'],
  ['nul.txt', 'reserved'],
  ['x'.repeat(300), 'too-long'],
  ['重'.repeat(67), 'too-long'],
];

/** Every way in which a name or an id reaches the disk. */
const verbs: readonly (readonly [verb: string, call: (store: SessionStore, name: string) => Promise<unknown>])[] = [
  ['open', (store, name) => store.open(name)],
  ['load', (store, name) => store.load(name)],
  ['save', (store, name) => store.save(name, session([]), undefined)],
  ['save again', (store, name) => store.save(name, session([]), 1)],
  ['append', (store, name) => store.append(name, [{ type: 'message', message: message('m9') }])],
  ['fold', (store, name) => store.fold(name)],
  ['fork', (store, name) => store.fork(name, { name: 'b' })],
  ['fork to', (store, name) => store.fork('a', { name })],
  ['rename', (store, name) => store.rename(name, 'b')],
  ['rename to', (store, name) => store.rename('a', name)],
  ['rename to itself', (store, name) => store.rename(name, name)],
  ['delete', (store, name) => store.delete(name)],
  ['restore', (store, name) => store.restore(name)],
];

describe('the name of a session', () => {
  const workspace = useWorkspace();

  for (const [verb, call] of verbs) {
    it(`that leads elsewhere, or that some system cannot have, is refused by ${verb}`, async () => {
      const { store, folder } = workspace();
      await store.save('a', session(['m1']), undefined);
      // What a name may lead to: files that are sessions, outside of the sessions' folder.
      const text = fs.readFileSync(path.join(folder, '.sessions/a.json'));
      for (const outside of ['x.json', 'outside.json', '.json']) fs.writeFileSync(path.join(folder, outside), text);
      const before = contents(folder);
      for (const [name, problem] of refused) {
        assert.deepEqual(await call(store, name), { kind: 'invalid-name', problem }, JSON.stringify(name));
      }
      assert.deepEqual(contents(folder), before);
    });
  }

  it('does not lead to a blob or a mirror outside, either', async () => {
    const { store, folder } = workspace();
    await store.save('a', session(['m1']), undefined);
    const transcript = path.join(folder, 't.jsonl');
    fs.writeFileSync(transcript, 'one\n');
    const before = contents(folder);
    for (const [name] of refused) {
      assert.equal(await store.getBlob(name), undefined, JSON.stringify(name));
      await assert.rejects(store.mirrorRaw(name, transcript), RangeError, JSON.stringify(name));
    }
    assert.deepEqual(contents(folder), before);
  });

  it('from a trash that came with a clone is made a valid one', async () => {
    const { store, folder, root, write } = workspace();
    await store.save('a', session(['m1']), undefined);
    const text = fs.readFileSync(path.join(root, 'a.json'));
    const names = new Map([
      ['1700000000001-0a', ['..', 'session']],
      ['1700000000002-0a', ['CON', 'session CON']],
      ['1700000000003-0a', ['x.', 'x']],
    ]);
    for (const [id, [old]] of names) {
      fs.mkdirSync(path.join(root, 'trash', id), { recursive: true });
      write(`trash/${id}/${old}.json`, text);
    }
    for (const [id, [, name]] of names) assert.deepEqual(await store.restore(id), { kind: 'done', name });
    assert.deepEqual(fs.readdirSync(folder), ['.sessions']);
    assert.equal(fs.existsSync(`${folder}.json`), false);
    assert.deepEqual(fs.readdirSync(path.join(root, 'trash')), []);
  });

  it('may be in any script', async () => {
    const { store } = workspace();
    for (const name of ['重构 认证', '🦀 session', 'ünïcode', "it's", 'a.b', 'x'.repeat(200)]) {
      assert.equal(nameProblem(name), undefined, name);
      assert.equal((await store.save(name, session([], { session_id: name }), undefined)).kind, 'saved', name);
      assert.equal((await loaded(store, name)).body.name, name);
    }
  });
});
