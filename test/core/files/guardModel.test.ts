import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import fc from 'fast-check';
import type { OpenEditors, ReadOutcome, WriteOutcome } from '../../../src/core/files/guard/guardTypes.ts';
import type { Steps } from '../../../src/core/files/replace/replacement.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

const FILE = 'a.txt';

/** The world beside the guard: one file, one editor, a person and other programs. */
class World {
  unsaved: string | undefined;
  /** Bytes that somebody else wrote and that the session has not seen. */
  readonly unseen = new Set<string>();
  /** Foreign action to run between the guard's last compare and its rename. */
  slipIn: (() => void) | undefined;
  readonly place: Workplace;
  #count = 0;

  constructor() {
    const editors: OpenEditors = {
      unsavedText: (path) => (path === this.place.at(FILE) ? this.unsaved : undefined),
      replaceUnsaved: (_path, expected, text) => {
        if (this.unsaved !== expected) return Promise.resolve(false);
        this.unsaved = text;
        return Promise.resolve(true);
      },
    };
    const steps: Steps = {
      beforeRename: () => {
        this.slipIn?.();
        this.slipIn = undefined;
      },
    };
    this.place = makeWorkplace({ editors }, steps);
  }

  /** A text that was never there before, always of the same size. */
  newText(who: string): string {
    return `${who}${String(this.#count++).padStart(7, '0')}`;
  }

  get disk(): string | undefined {
    return fs.existsSync(this.place.at(FILE)) ? this.place.text(FILE) : undefined;
  }

  /** The version that holds: an unsaved editor's, else the disk's. */
  get current(): string | undefined {
    return this.unsaved ?? this.disk;
  }

  foreign(text: string): void {
    this.unseen.add(text);
  }

  /** Nothing that the session has not seen has been overwritten. */
  check(): void {
    const kept = new Set([this.disk, this.unsaved, ...this.place.displaced()]);
    for (const text of this.unseen) assert.ok(kept.has(text), `lost: ${text}`);
  }

  /** A person or program replaces or removes its own or known bytes: nothing unseen is lost by the guard then. */
  dropByOthers(text: string | undefined): void {
    if (text !== undefined) this.unseen.delete(text);
  }
}

interface Model {
  /** The text that the session saw last; undefined before the first read. */
  seen: string | undefined;
}

type Command = fc.AsyncCommand<Model, World>;

function command(name: string, run: (model: Model, world: World) => Promise<void> | void): Command {
  return {
    check: () => true,
    async run(model, world) {
      await run(model, world);
      world.check();
    },
    toString: () => name,
  };
}

/** What must come of a write of other text, by the state before it. */
function expected(model: Model, world: World, before: string | undefined): string {
  if (before === undefined) return model.seen === undefined ? 'written' : 'deleted';
  if (model.seen === before) return 'written';
  if (world.unsaved !== undefined) return 'unsaved';
  return model.seen === undefined ? 'unread' : 'changed';
}

function saw(model: Model, world: World, text: string): void {
  model.seen = text;
  world.unseen.delete(text);
}

function resultOf(outcome: WriteOutcome | ReadOutcome): string {
  return outcome.kind === 'conflict' ? outcome.reason : outcome.kind;
}

const session = {
  read: command('session reads', async (model, world) => {
    const current = world.current;
    const outcome = await world.place.guard.read(FILE);
    assert.equal(resultOf(outcome), current === undefined ? 'missing' : 'read');
    if (outcome.kind !== 'read') return;
    assert.equal(String(outcome.bytes), current);
    saw(model, world, String(outcome.bytes));
  }),
  write: command('session writes', async (model, world) => {
    const before = world.current;
    const text = world.newText('W');
    const outcome = await world.place.guard.write(FILE, text);
    assert.equal(resultOf(outcome), expected(model, world, before));
    assert.equal(world.current, outcome.kind === 'written' ? text : before);
    if (outcome.kind === 'written') saw(model, world, text);
  }),
  edit: command('session edits', async (model, world) => {
    const before = world.current;
    const text = world.newText('E');
    const outcome = await world.place.guard.edit(FILE, { old: model.seen ?? 'x', new: text });
    const wanted = before === undefined && model.seen === undefined ? 'missing' : expected(model, world, before);
    assert.equal(resultOf(outcome), wanted);
    assert.equal(world.current, outcome.kind === 'written' ? text : before);
    if (outcome.kind === 'written') saw(model, world, text);
  }),
  force: command('session writes by force', async (model, world) => {
    const before = world.current;
    const text = world.newText('F');
    const outcome = await world.place.guard.write(FILE, text, { force: true });
    assert.equal(resultOf(outcome), 'written');
    assert.equal(world.current, text);
    // What the session had not seen is kept, what it had is not.
    if (outcome.kind === 'written') {
      assert.equal(outcome.kept !== undefined, before !== undefined && before !== model.seen);
    }
    saw(model, world, text);
  }),
  writeWhileAnotherWrites: command('session writes while another program does', async (model, world) => {
    const before = world.current;
    const theirs = world.newText('S');
    const text = world.newText('W');
    const wanted = expected(model, world, before);
    world.slipIn = () => {
      if (world.disk === undefined) fs.writeFileSync(world.place.at(FILE), theirs);
      else {
        world.dropByOthers(world.disk);
        fs.writeFileSync(world.place.at(FILE), theirs);
      }
      world.foreign(theirs);
    };
    const outcome = await world.place.guard.write(FILE, text);
    const slipped = world.slipIn === undefined;
    world.slipIn = undefined;
    if (!slipped) assert.equal(resultOf(outcome), wanted);
    else assert.equal(resultOf(outcome), before === undefined ? 'unread' : 'slipped-in');
    if (slipped) assert.equal(world.disk, theirs);
    if (outcome.kind === 'written') saw(model, world, text);
  }),
};

const others = {
  edit: command('another program edits in place', (_model, world) => {
    const text = world.newText('X');
    world.dropByOthers(world.disk);
    fs.writeFileSync(world.place.at(FILE), text);
    world.foreign(text);
  }),
  replace: command('another program replaces by rename', (_model, world) => {
    const text = world.newText('R');
    world.dropByOthers(world.disk);
    fs.writeFileSync(world.place.at('tmp'), text);
    fs.renameSync(world.place.at('tmp'), world.place.at(FILE));
    world.foreign(text);
  }),
  restore: command('another program brings back what the session saw, with other times', (model, world) => {
    if (model.seen === undefined) return;
    world.dropByOthers(world.disk);
    fs.writeFileSync(world.place.at(FILE), model.seen);
    fs.utimesSync(world.place.at(FILE), 1000, 1000);
  }),
  touch: command('another program touches', (_model, world) => {
    if (world.disk !== undefined) fs.utimesSync(world.place.at(FILE), 2000, 2000);
  }),
  delete: command('another program deletes', (_model, world) => {
    world.dropByOthers(world.disk);
    fs.rmSync(world.place.at(FILE), { force: true });
  }),
  type: command('a person types', (_model, world) => {
    world.dropByOthers(world.unsaved);
    world.unsaved = world.newText('T');
    world.foreign(world.unsaved);
  }),
  save: command('a person saves', (_model, world) => {
    if (world.unsaved === undefined) return;
    world.dropByOthers(world.disk);
    fs.writeFileSync(world.place.at(FILE), world.unsaved);
    world.unsaved = undefined;
  }),
  revert: command('a person throws the unsaved text away', (_model, world) => {
    world.dropByOthers(world.unsaved);
    world.unsaved = undefined;
  }),
};

describe('guard, as a state machine', () => {
  afterEach(removeFolders);

  it('never overwrites what the session has not seen, and never stops a session that has seen it', async function () {
    this.timeout(30_000);
    const commands = [...Object.values(session), ...Object.values(others)].map((one) => fc.constant(one));
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 25 }), async (run) => {
        await fc.asyncModelRun(() => ({ model: { seen: undefined }, real: new World() }), run);
        removeFolders();
      }),
      { numRuns: 150 },
    );
  });
});
