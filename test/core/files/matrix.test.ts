import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { sweep } from '../../../src/core/files/freshness/sweep.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeWorkplace, passGrain, removeFolders, type Workplace } from './workplace.ts';

const A = 'const answer = 41; // original\n';
const B = 'const answer = 42; // original\n';
const YESTERDAY = Date.now() / 1000 - 86_400;

interface Case {
  readonly name: string;
  readonly setUp?: (place: Workplace) => void;
  readonly act: (place: Workplace) => void | Promise<void>;
  /** The change follows the read at once, within the grain of the disk's clock. */
  readonly atOnce?: boolean;
  readonly needs?: string;
  /** The reason of the conflict, where it is not `changed`. */
  readonly reason?: string;
}

const sh = (place: Workplace, script: string): void =>
  void execFileSync('bash', ['-c', script], { cwd: place.folder, stdio: 'pipe' });
const branches = (place: Workplace): void =>
  sh(
    place,
    `git init -q -b one . && git config user.email a@b && git config user.name n &&
     git add f.ts && git commit -qm 1 && git checkout -qb two && cp old.ts f.ts && git commit -qam 2 && git checkout -q one`,
  );

/** The cases of PERF 4b in which the content changed. */
const changes: readonly Case[] = [
  { name: 'edit, other size, later', act: ({ put }) => void put('f.ts', `${A}more\n`) },
  { name: 'edit, same size, later', act: ({ put }) => void put('f.ts', B) },
  { name: 'edit in place, same size, at once', act: ({ at }) => pokeAt(at('f.ts')), atOnce: true },
  {
    name: 'temporary file and rename, same size, at once',
    act: ({ put, at }) => fs.renameSync(put('f.t', B), at('f.ts')),
    atOnce: true,
  },
  {
    name: 'same size, mtime restored by touch -r',
    act: (place) => sh(place, 'cp -p f.ts ref; cat old.ts > f.ts; touch -r ref f.ts; rm ref'),
  },
  { name: 'cp -p of an older file of the same size', act: (place) => sh(place, 'cp -p old.ts f.ts') },
  { name: 'mv of an older file of the same size', act: (place) => sh(place, 'cp -p old.ts o2; mv o2 f.ts') },
  {
    name: 'as rsync -t does, from a copy with another mtime',
    act: ({ put, at }) => replaceKeeping(put('f.t', B), at('f.ts'), fs.statSync(at('old.ts'))),
  },
  {
    name: 'as rsync -tc --inplace does, same mtime and size',
    act({ at }) {
      const before = fs.statSync(at('f.ts'));
      pokeAt(at('f.ts'));
      fs.utimesSync(at('f.ts'), before.atime, before.mtime);
    },
  },
  {
    name: 'as rsync -tc does by rename, same mtime and size',
    act: ({ put, at }) => replaceKeeping(put('f.t', B), at('f.ts'), fs.statSync(at('f.ts'))),
  },
  {
    name: 'tar -x restoring an older mtime',
    act: (place) => sh(place, 'mkdir o; cp -p old.ts o/f.ts; tar -C o -cf t.tar f.ts; tar -xf t.tar'),
    needs: 'tar',
  },
  {
    name: 'git checkout of another branch',
    setUp: branches,
    act: (place) => sh(place, 'git checkout -q two'),
    needs: 'git',
  },
  {
    name: 'a writer whose clock is an hour behind',
    act: ({ put }) => fs.utimesSync(put('f.ts', B), Date.now() / 1000 - 3600, Date.now() / 1000 - 3600),
  },
  {
    name: 'a link retargeted to a file of the same size and mtime',
    setUp({ put, at }) {
      for (const [name, text] of [
        ['a.ts', A],
        ['b.ts', B],
      ] as const)
        fs.utimesSync(put(name, text), YESTERDAY, YESTERDAY);
      fs.rmSync(at('f.ts'));
      fs.symlinkSync('a.ts', at('f.ts'));
    },
    act: (place) => sh(place, 'ln -sfn b.ts f.ts'),
    reason: 'unread',
  },
  {
    name: 'a store through a mapping whose page was dirty before',
    act: () => undefined,
    needs: 'python3',
  },
];

/** The cases in which nothing changed but the file's state. */
const sames: readonly Case[] = [
  { name: 'touch', act: (place) => sh(place, 'touch f.ts') },
  { name: 'chmod +x', act: (place) => sh(place, 'chmod +x f.ts') },
  { name: 'a hard link made by a backup', act: (place) => sh(place, 'ln f.ts backup') },
  { name: 'written again with the same content', act: ({ put }) => void put('f.ts', A) },
  { name: 'saved atomically with the same content', act: ({ put, at }) => fs.renameSync(put('f.t', A), at('f.ts')) },
  {
    name: 'git checkout away and back',
    setUp: branches,
    act: (place) => sh(place, 'git checkout -q two && git checkout -q one'),
    needs: 'git',
  },
  {
    name: 'an mtime an hour in the future, not touched',
    setUp: ({ at }) => fs.utimesSync(at('f.ts'), Date.now() / 1000 + 3600, Date.now() / 1000 + 3600),
    act: () => undefined,
  },
];

describe('change matrix (PERF 4b)', () => {
  afterEach(removeFolders);

  for (const change of changes) {
    it(`sees: ${change.name}`, async function () {
      need(this, change);
      const place = await prepare(change);
      await withMapping(change, place, async () => {
        await place.guard.read('f.ts');
        if (change.atOnce !== true) await passGrain(place.folder);
      });
      const [found] = await sweep(place.cache);
      assert.equal(found?.freshness, 'changed');
      const outcome = await place.guard.write('f.ts', 'ours');
      assert.ok(outcome.kind === 'conflict', outcome.kind);
      assert.equal(outcome.reason, change.reason ?? 'changed');
      assert.notEqual(place.text('f.ts'), 'ours');
    });
  }

  for (const same of sames) {
    it(`raises no alarm: ${same.name}`, async function () {
      need(this, same);
      const place = await prepare(same);
      await place.guard.read('f.ts');
      await passGrain(place.folder);
      await same.act(place);
      const found = (await sweep(place.cache))[0]?.freshness;
      assert.ok(found === 'same' || found === 'touched', found);
      assert.equal((await place.guard.edit('f.ts', { old: '41', new: '43' })).kind, 'written');
    });
  }
});

async function prepare({ setUp }: Case): Promise<Workplace> {
  const place = makeWorkplace();
  place.put('f.ts', A);
  fs.utimesSync(place.put('old.ts', B), YESTERDAY, YESTERDAY);
  setUp?.(place);
  await passGrain(place.folder);
  return place;
}

function need(context: Mocha.Context, { needs }: Case): void {
  if (needs === undefined || spawnSync(needs, ['--version']).status === 0) return;
  skipBecause(context, `${needs} is not installed here`);
}

function replaceKeeping(from: string, to: string, { atime, mtime }: fs.Stats): void {
  fs.utimesSync(from, atime, mtime);
  fs.renameSync(from, to);
}

function pokeAt(file: string): void {
  const fd = fs.openSync(file, 'r+');
  fs.writeSync(fd, B, 0);
  fs.closeSync(fd);
}

/** Runs the read, then the change; for the mapping case the change is a store by another process. */
async function withMapping(change: Case, place: Workplace, read: () => Promise<void>): Promise<void> {
  if (change.needs !== 'python3') {
    await read();
    await change.act(place);
    return;
  }
  const script = `import mmap,sys
f=open(sys.argv[1],'r+b');m=mmap.mmap(f.fileno(),0)
m[0:1]=b'c';print('dirty');sys.stdin.readline()
m[16:17]=b'2';print('stored');sys.stdin.readline()`;
  const child = spawn('python3', ['-uc', script, place.at('f.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text;
  });
  const until = async (word: string): Promise<void> => {
    while (!said.includes(word)) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await until('dirty');
  await passGrain(place.folder);
  await read();
  child.stdin.write('\n');
  await until('stored');
  child.stdin.end('\n');
  await new Promise((resolve) => child.once('exit', resolve));
}
