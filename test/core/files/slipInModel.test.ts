import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import fc from 'fast-check';
import { loadExchange } from '../../../src/core/files/replace/exchange.ts';
import type { Steps } from '../../../src/core/files/replace/replacement.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

const MOMENTS = ['beforeRename', 'afterRename', 'betweenLooks', 'beforePutBack'] as const;
const ACTS = ['append', 'save', 'open', 'write what was opened', 'delete'] as const;
type Happening = { readonly moment: (typeof MOMENTS)[number]; readonly act: (typeof ACTS)[number] };

/** Foreign programs at work while a session writes; each of their writes has a token of its own. */
function startForeigners(place: Workplace): {
  act(act: (typeof ACTS)[number]): void;
  end(): void;
  tokens: Set<string>;
} {
  const file = place.at('a.txt');
  let opened: number[] = [];
  const tokens = new Set<string>();
  let count = 0;
  const next = (): string => {
    const token = `<${++count}>`;
    tokens.add(token);
    return token;
  };
  const read = (): string => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
  const writeOpened = (): void => {
    for (const fd of opened) {
      fs.writeSync(fd, next());
      fs.closeSync(fd);
    }
    opened = [];
  };
  /** What a foreign program takes away from another one is not ours to keep. */
  const endWritersOfFile = (): void => {
    const ino = fs.statSync(file, { throwIfNoEntry: false })?.ino;
    const ended = opened.filter((fd) => fs.fstatSync(fd).ino === ino);
    for (const fd of ended) fs.closeSync(fd);
    opened = opened.filter((fd) => !ended.includes(fd));
  };
  return {
    tokens,
    act(act) {
      switch (act) {
        case 'append':
          return fs.appendFileSync(file, next());
        case 'save':
          endWritersOfFile();
          fs.writeFileSync(`${file}.theirs`, read() + next());
          return fs.renameSync(`${file}.theirs`, file);
        case 'open':
          if (fs.existsSync(file)) opened.push(fs.openSync(file, 'a'));
          return;
        case 'write what was opened':
          return writeOpened();
        case 'delete': {
          endWritersOfFile();
          const text = read();
          for (const token of tokens) if (text.includes(token)) tokens.delete(token);
          fs.rmSync(file, { force: true });
        }
      }
    },
    end: writeOpened,
  };
}

describe('guard, among foreign programs at every moment of a write', () => {
  before(async function () {
    if ((await loadExchange()) === undefined) skipBecause(this, 'this system can’t exchange two files');
  });
  afterEach(removeFolders);

  it('loses none of their bytes, leaves nothing beside the file, and tells what it has done', async () => {
    const happenings = fc.array(fc.record({ moment: fc.constantFrom(...MOMENTS), act: fc.constantFrom(...ACTS) }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(happenings, (all: readonly Happening[]) => play(all)),
      { numRuns: process.env['CI'] ? 400 : 100 },
    );
  }).timeout(60_000);
});

async function play(happenings: readonly Happening[]): Promise<void> {
  const steps: Steps = {};
  const place = makeWorkplace({}, steps);
  place.put('a.txt', 'one');
  const foreigners = startForeigners(place);
  for (const moment of MOMENTS) {
    const acts = happenings.filter((one) => one.moment === moment);
    Object.assign(steps, {
      [moment]() {
        for (const { act } of acts) foreigners.act(act);
      },
    });
  }
  await place.guard.read('a.txt');
  const outcome = await place.guard.write('a.txt', 'ours');
  place.guard.close();
  foreigners.end();
  assert.ok(outcome.kind === 'written' || outcome.kind === 'conflict', JSON.stringify(outcome));
  const inFile = fs.existsSync(place.at('a.txt')) ? place.text('a.txt') : undefined;
  const folder = place.at('.sessions/displaced');
  const displaced = fs.readdirSync(folder).map((name) => fs.readFileSync(`${folder}/${name}`, 'utf8'));
  for (const token of foreigners.tokens) {
    assert.ok(
      [inFile ?? '', ...displaced].some((text) => text.includes(token)),
      `${token} is lost`,
    );
  }
  assert.deepEqual(place.files(), inFile === undefined ? [] : ['a.txt']);
  if (!happenings.some(({ act }) => act === 'delete')) {
    if (outcome.kind === 'written') assert.match(inFile ?? '', /^ours/);
    else
      assert.ok(
        [inFile ?? '', ...displaced].some((text) => text.startsWith('one')),
        'the old version is lost',
      );
  }
}
