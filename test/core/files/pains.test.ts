import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createGuard } from '../../../src/core/files/guard/guard.ts';
import type { Guard, OpenEditors } from '../../../src/core/files/guard/guardTypes.ts';
import { createBases } from '../../../src/core/files/merge/bases.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import { readCacheEntry } from '../../../src/core/session/snapshot.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

const HOUR = 3_600_000;
const OLD = 'import a\n\ndef one():\n  return 1\n\ndef two():\n  return 2\n';

function git(folder: string, ...args: readonly string[]): void {
  const config = [
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@b',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'core.autocrlf=false',
  ];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  execFileSync('git', [...config, ...args], { cwd: folder, env, stdio: 'pipe' });
}

/** An editor of `a.py` that is played: its unsaved text, if it has any. */
interface Editor extends OpenEditors {
  text: string | undefined;
}

function playEditor(): Editor {
  return {
    text: undefined,
    unsavedText(path) {
      return path.endsWith('a.py') ? this.text : undefined;
    },
    replaceUnsaved(_path, expected, text) {
      if (this.text !== expected) return Promise.resolve(false);
      this.text = text;
      return Promise.resolve(true);
    },
  };
}

/** The session saved, its window closed, and loaded again: only what is on disk remains of it. */
function restore(place: Workplace, editors?: OpenEditors): Guard {
  const saved = JSON.parse(JSON.stringify(place.cache.entries())) as Record<string, unknown>;
  place.guard.close();
  const entries = Object.entries(saved).map(([key, entry]) => [key, readCacheEntry.parse(entry)] as const);
  return createGuard({
    folder: place.folder,
    sessionsFolder: '.sessions',
    cache: createReadCache(place.folder, Object.fromEntries(entries)),
    now: Date.now,
    bases: createBases({ sessionsFolder: place.at('.sessions') }),
    ...(editors === undefined ? {} : { editors }),
  });
}

/** A session that has read `a.py`, and keeps what it read. */
async function makeSession(editors?: OpenEditors): Promise<Workplace> {
  // The folder is known only once the place is made.
  const bare = makeWorkplace(editors === undefined ? {} : { editors });
  bare.put('a.py', OLD);
  const bases = createBases({ sessionsFolder: bare.at('.sessions') });
  const guard = createGuard({
    folder: bare.folder,
    sessionsFolder: '.sessions',
    cache: bare.cache,
    now: Date.now,
    bases,
    ...(editors === undefined ? {} : { editors }),
  });
  const read = await guard.read('a.py');
  assert.ok(read.kind === 'read');
  await bases.put(read.stamp.sha256, read.bytes);
  return { ...bare, guard };
}

describe('pain 15: mtime-only locks: false "modified since read"', function () {
  this.timeout(20_000);
  afterEach(removeFolders);

  const harmless: Record<string, (place: Workplace) => void> = {
    'a touch': ({ at }) => fs.utimesSync(at('a.py'), new Date(), new Date()),
    'a touch that sets an old time': ({ at }) => fs.utimesSync(at('a.py'), 1000, 1000),
    'a save of the same content': ({ put }) => void put('a.py', OLD),
    'a formatter that changed nothing, by a new file': ({ put, at }) => {
      put('a.py.tmp', OLD);
      fs.renameSync(at('a.py.tmp'), at('a.py'));
    },
    'a clock that was an hour ahead': ({ at }) => {
      const time = new Date(Date.now() + HOUR);
      fs.utimesSync(at('a.py'), time, time);
    },
    'a clock that was an hour behind': ({ at }) => {
      const time = new Date(Date.now() - HOUR);
      fs.utimesSync(at('a.py'), time, time);
    },
    'a change of the mode': ({ at }) => fs.chmodSync(at('a.py'), 0o755),
    'a hard link made by a backup': ({ at }) => fs.linkSync(at('a.py'), at('backup.py')),
    'a change that was taken back': ({ put }) => {
      put('a.py', 'something else\n');
      put('a.py', OLD);
    },
  };
  for (const [name, happens] of Object.entries(harmless)) {
    it(`does not stop an edit after ${name}`, async () => {
      const place = await makeSession();
      happens(place);
      assert.equal((await place.guard.edit('a.py', { old: 'return 1', new: 'return 10' })).kind, 'written');
      assert.equal(place.text('a.py'), OLD.replace('return 1', 'return 10'));
    });
  }

  it('does not stop an edit after a git checkout away and back', async () => {
    const place = await makeSession();
    const { folder, put, text } = place;
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'add', 'a.py');
    git(folder, 'commit', '-qm', 'one');
    git(folder, 'switch', '-qc', 'other');
    put('a.py', 'other\n');
    git(folder, 'commit', '-qam', 'two');
    const stopped = await place.guard.edit('a.py', { old: 'return 1', new: 'return 10' });
    assert.ok(stopped.kind === 'conflict' && stopped.reason === 'changed');
    git(folder, 'switch', '-q', 'main');
    assert.equal(text('a.py'), OLD);
    assert.equal((await place.guard.edit('a.py', { old: 'return 1', new: 'return 10' })).kind, 'written');
  });

  it('stops an edit after a change that left size and mtime as they were', async () => {
    const { guard, put, at, text } = await makeSession();
    const { atime, mtime } = fs.statSync(at('a.py'));
    const theirs = OLD.replace('return 2', 'return 3');
    put('a.py', theirs);
    fs.utimesSync(at('a.py'), atime, mtime);
    assert.equal(fs.statSync(at('a.py')).size, OLD.length);
    for (const outcome of [
      await guard.edit('a.py', { old: 'return 1', new: 'return 10' }),
      await guard.write('a.py', 'ours\n'),
    ]) {
      assert.ok(outcome.kind === 'conflict' && outcome.reason === 'changed');
    }
    assert.equal(text('a.py'), theirs);
  });

  it('stops an edit after a change within the tick of the clock in which it was read', async () => {
    for (let round = 0; round < 20; round++) {
      const { guard, put, text } = await makeSession();
      const theirs = OLD.replace('return 2', `return ${round % 10 === 2 ? 0 : round % 10}`);
      put('a.py', theirs);
      assert.equal((await guard.write('a.py', 'ours\n')).kind, 'conflict');
      assert.equal(text('a.py'), theirs);
    }
  });
});

describe('pain 16: agent overwrites unsaved editor changes, or its edit is invisible in a dirty buffer', () => {
  afterEach(removeFolders);

  it('stops an agent that has not seen the unsaved text, which stays as it was typed', async () => {
    const editor = playEditor();
    const { guard, text } = await makeSession(editor);
    editor.text = OLD.replace('return 1', 'return "typed"');
    for (const outcome of [
      await guard.edit('a.py', { old: 'return 1', new: 'return 10' }),
      await guard.write('a.py', 'ours\n'),
      await guard.edit('a.py', { old: 'return 1', new: 'return 10' }, { merge: true }),
    ]) {
      assert.ok(outcome.kind === 'conflict' && outcome.reason === 'unsaved');
      assert.equal(outcome.theirs.unsaved, OLD.replace('return 1', 'return "typed"'));
    }
    assert.deepEqual([editor.text, text('a.py')], [OLD.replace('return 1', 'return "typed"'), OLD]);
  });

  it('shows the edit in the dirty editor, beside what was typed, where that is merged', async () => {
    const editor = playEditor();
    const { guard, text } = await makeSession(editor);
    editor.text = OLD.replace('return 2', 'return "typed"');
    const outcome = await guard.edit('a.py', { old: 'return 1', new: 'return 10' }, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.unsaved && outcome.merged === true);
    assert.equal(editor.text, OLD.replace('return 2', 'return "typed"').replace('return 1', 'return 10'));
    assert.equal(text('a.py'), OLD);
  });

  it('reads the unsaved text, and edits it in the editor', async () => {
    const editor = playEditor();
    const { guard, text } = await makeSession(editor);
    editor.text = OLD.replace('return 1', 'return "typed"');
    const read = await guard.read('a.py');
    assert.ok(read.kind === 'read' && read.unsaved && String(read.bytes) === editor.text);
    assert.equal((await guard.edit('a.py', { old: '"typed"', new: '10' })).kind, 'written');
    assert.equal(editor.text, OLD.replace('return 1', 'return 10'));
    assert.equal(text('a.py'), OLD);
  });

  it('stops a write when the person begins to type while it is under way', async () => {
    const editor = playEditor();
    const place = makeWorkplace({ editors: editor, onStamps: () => Promise.resolve() });
    place.put('a.py', OLD);
    await place.guard.read('a.py');
    const pending = place.guard.write('a.py', 'ours\n');
    editor.text = `${OLD}# typed\n`;
    const outcome = await pending;
    assert.ok(outcome.kind === 'conflict' && outcome.reason === 'unsaved');
    assert.deepEqual([editor.text, place.text('a.py')], [`${OLD}# typed\n`, OLD]);
  });
});

describe('pain 17: restoring a session writes old content over newer user edits (microsoft/vscode#313703)', () => {
  afterEach(removeFolders);

  const edited = OLD.replace('return 2', 'return "by the user"');

  it('stops the restored agent that writes its old content; the user’s text is intact', async () => {
    const place = await makeSession();
    assert.equal((await place.guard.edit('a.py', { old: 'return 1', new: 'return 10' })).kind, 'written');
    const agents = OLD.replace('return 1', 'return 10');
    const users = agents.replace('return 2', 'return "by the user"');
    place.put('a.py', users);
    const restored = restore(place);
    for (const outcome of [
      await restored.write('a.py', agents),
      await restored.edit('a.py', { old: agents, new: OLD }),
      await restored.write('a.py', OLD),
    ]) {
      assert.ok(outcome.kind === 'conflict' && outcome.reason === 'changed');
      assert.equal(String(outcome.theirs.bytes), users);
    }
    assert.equal(place.text('a.py'), users);
    assert.deepEqual(place.files(), ['a.py']);
  });

  it('keeps the user’s edits where the old content is merged: it brings nothing new', async () => {
    const place = await makeSession();
    place.put('a.py', edited);
    const outcome = await restore(place).write('a.py', OLD, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true);
    assert.equal(place.text('a.py'), edited);
  });

  it('lets both changes survive where they are merged and lie apart', async () => {
    const place = await makeSession();
    place.put('a.py', edited);
    const restored = restore(place);
    const outcome = await restored.write('a.py', OLD.replace('return 1', 'return 10'), { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true);
    assert.equal(place.text('a.py'), edited.replace('return 1', 'return 10'));
  });

  it('stops the restored agent over unsaved text too, and merges into it', async () => {
    const editor = playEditor();
    const place = await makeSession();
    editor.text = edited;
    const restored = restore(place, editor);
    const stopped = await restored.write('a.py', OLD);
    assert.ok(stopped.kind === 'conflict' && stopped.reason === 'unsaved');
    assert.equal(editor.text, edited);
    const merged = await restored.edit('a.py', { old: 'return 1', new: 'return 10' }, { merge: true });
    assert.ok(merged.kind === 'written' && merged.unsaved);
    assert.deepEqual([editor.text, place.text('a.py')], [edited.replace('return 1', 'return 10'), OLD]);
  });

  it('does not bring a file back that the user deleted or gave to something else', async () => {
    const place = await makeSession();
    fs.renameSync(place.at('a.py'), place.at('b.py'));
    const gone = await restore(place).write('a.py', OLD, { merge: true });
    assert.ok(gone.kind === 'conflict' && gone.reason === 'deleted');
    fs.mkdirSync(place.at('a.py'));
    assert.equal((await restore(place).write('a.py', OLD, { merge: true })).kind, 'not-a-file');
    assert.deepEqual(place.files(), ['b.py']);
  });
});
