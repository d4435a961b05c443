import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import fc from 'fast-check';
import type { Lease, LeaseHolder, LeaseOptions, SessionStore } from '../../../src/core/index.ts';
import { openStore } from '../../../src/core/index.ts';
import { leaseText } from '../../../src/core/store/lease/leaseFile.ts';
import { startOf, thisMachine } from '../../../src/core/store/lease/machine.ts';
import { skipBecause } from '../../support/skip.ts';
import { type Child, startChild } from './leaseProcess.ts';
import { until, useWorkspace } from './workspace.ts';

const PROGRAM = { program: 'test' } as const;

async function taken(store: SessionStore, options: LeaseOptions = PROGRAM, id = 's-1'): Promise<Lease> {
  const outcome = await store.takeLease(id, options);
  if (outcome.kind !== 'taken') throw new Error(JSON.stringify(outcome));
  return outcome.lease;
}

/** What a lease file holds, as another holder wrote it. */
function foreign(more: object = {}): string {
  const record = {
    id: '00112233aabbccdd',
    host: 'elsewhere',
    pid: 4711,
    program: 'VS Code',
    since: '2001-01-01T00:00:00.000Z',
    machine: 'linux elsewhere',
    beat: 3,
  };
  return leaseText({ ...record, ...more });
}

describe('a lease', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();
  const FILE = 'leases/s-1.json';

  function put(text: string | Uint8Array, agoMs = 0): void {
    const { root, file } = workspace();
    fs.mkdirSync(`${root}/leases`, { recursive: true });
    fs.writeFileSync(file(FILE), text);
    const at = (Date.now() - agoMs) / 1000;
    fs.utimesSync(file(FILE), at, at);
  }

  /** A store whose leases beat and grow stale quickly. */
  function quick(beat: number, stale: number): SessionStore {
    const { folder } = workspace();
    let number = 0;
    const random = () => `cafe${(++number).toString(16).padStart(12, '0')}`;
    return openStore({ folder, now: Date.now, random, leasePeriods: { beat, stale } });
  }

  it('has one holder, whom the second one is told', async () => {
    const { store, another, root, file, read } = workspace();
    assert.equal(await store.leaseHolder('s-1'), undefined);
    assert.equal(fs.existsSync(root), false);
    const lease = await taken(store, { program: 'VS Code' });
    const { holder } = lease;
    assert.deepEqual(
      [holder.host, holder.pid, holder.program, holder.since],
      [os.hostname(), process.pid, 'VS Code', '2026-11-20T10:30:00.000Z'],
    );
    const second = another();
    assert.deepEqual(await second.takeLease('s-1', PROGRAM), { kind: 'held', holder });
    assert.deepEqual(await second.leaseHolder('s-1'), holder);
    assert.deepEqual(await store.leaseHolder('s-1'), holder);
    assert.equal(await lease.isMine(), true);
    assert.equal((await second.takeLease('s-2', PROGRAM)).kind, 'taken');
    assert.equal(JSON.parse(read(FILE)).id, holder.id);
    if (process.platform !== 'win32') {
      assert.equal(fs.statSync(file('leases')).mode & 0o777, 0o700);
      assert.equal(fs.statSync(file(FILE)).mode & 0o777, 0o600);
    }
    await lease.release();
    assert.equal(await second.leaseHolder('s-1'), undefined);
    assert.deepEqual(fs.readdirSync(file('leases')), ['s-2.json']);
    assert.equal(await lease.isMine(), false);
    assert.equal((await second.takeLease('s-1', PROGRAM)).kind, 'taken');
  });

  it('that is taken over is told to its holder once, who never writes again and does not release the other', async () => {
    const { store, another, read } = workspace();
    const told: (LeaseHolder | undefined)[] = [];
    const first = await taken(store, { program: 'first', onLost: (by) => told.push(by) });
    const second = await taken(another(), { program: 'second', takeOver: true });
    const before = read(FILE);
    assert.equal(await first.isMine(), false);
    assert.equal(await first.isMine(), false);
    await first.release();
    assert.deepEqual(told, [second.holder]);
    assert.equal(read(FILE), before);
    assert.equal(await second.isMine(), true);
  });

  it('whose file somebody removed is lost, since another may have driven meanwhile', async () => {
    const { store, file } = workspace();
    const told: unknown[] = [];
    const lease = await taken(store, { program: 'p', onLost: (by) => told.push(by) });
    fs.rmSync(file(FILE));
    assert.equal(await lease.isMine(), false);
    assert.deepEqual(told, [undefined]);
    assert.equal(fs.existsSync(file(FILE)), false);
  });

  it('beats without being asked, and learns at a beat that it was taken over', async () => {
    const { folder, read } = workspace();
    const store = quick(20, 10_000);
    const told: (LeaseHolder | undefined)[] = [];
    await taken(store, { program: 'first', onLost: (by) => told.push(by) });
    await until(() => JSON.parse(read(FILE)).beat >= 3);
    const other = openStore({ folder, now: Date.now, random: () => 'beefbeefbeefbeef' });
    const { holder } = await taken(other, { program: 'other', takeOver: true });
    await until(() => told.length > 0);
    assert.deepEqual(told, [holder]);
    assert.equal(JSON.parse(read(FILE)).beat, 0);
    await store.close();
    await other.close();
  });

  it('that is asked for again and again writes nothing meanwhile', async () => {
    const { store, another } = workspace();
    const { holder } = await taken(another());
    assert.deepEqual(await store.leaseHolder('s-1'), holder);
    const write = fs.writeFileSync;
    const none = () => {
      throw new Error('a file was written');
    };
    Object.assign(fs, { writeFileSync: none });
    try {
      for (let n = 0; n < 5; n++) assert.deepEqual(await store.leaseHolder('s-1'), holder);
    } finally {
      Object.assign(fs, { writeFileSync: write });
    }
  });

  it('is released with its store', async () => {
    const { another, store, file } = workspace();
    const other = another();
    await taken(other);
    await taken(other, PROGRAM, 's-2');
    await other.close();
    assert.deepEqual(fs.readdirSync(file('leases')), []);
    assert.equal(await store.leaseHolder('s-1'), undefined);
  });

  it('of a dead process of this machine, or of one whose number another has by now, is taken at once', async () => {
    const { store } = workspace();
    const machine = thisMachine();
    // No process has this number: Linux stops at 2^22.
    const dead = [foreign({ machine, pid: 2 ** 30 })];
    if (startOf(process.pid) !== undefined) dead.push(foreign({ machine, pid: process.pid, started: '1' }));
    for (const text of dead) {
      put(text);
      assert.equal(await store.leaseHolder('s-1'), undefined);
      await (await taken(store)).release();
    }
    put(foreign({ machine, pid: process.pid, started: startOf(process.pid) }));
    assert.equal((await store.takeLease('s-1', PROGRAM)).kind, 'held');
  });

  it('of another machine counts by the age of its last beat, whatever time that machine believes it is', async () => {
    const { store } = workspace();
    for (const since of ['1999-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z']) {
      put(foreign({ since }), 20_000);
      const outcome = await store.takeLease('s-1', PROGRAM);
      assert.equal(outcome.kind === 'held' && outcome.holder.since, since);
      put(foreign({ since }), 40_000);
      assert.equal(await store.leaseHolder('s-1'), undefined);
      await (await taken(store)).release();
    }
  });

  it('whose file time says nothing is watched: it is held while it beats, and taken when it does not', async () => {
    const { file } = workspace();
    const store = quick(40, 10_000);
    put(foreign(), -3600_000);
    let beat = 4;
    const beating = setInterval(() => put(foreign({ beat: beat++ }), -3600_000), 10);
    assert.equal((await store.takeLease('s-1', PROGRAM)).kind, 'held');
    clearInterval(beating);
    await store.close();
    const later = quick(40, 10_000);
    await taken(later);
    assert.deepEqual(fs.readdirSync(file('leases')), ['s-1.json']);
    await later.close();
  });

  describe('from a damaged or hostile file', () => {
    const files: readonly (readonly [string, string | Uint8Array])[] = [
      ['nothing', ''],
      ['no JSON', 'nonsense'],
      ['cut JSON', foreign().slice(0, 40)],
      ['another document', '[1,2]'],
      ['null', 'null'],
      ['wrong types', '{"id":1,"pid":"x","host":{}}'],
      ['a process number of a group', foreign({ pid: -1 })],
      ['a name that is endless', foreign({ host: 'x'.repeat(3000) })],
      ['prototype keys', '{"__proto__":{"id":"0011223344556677"},"constructor":{"pid":1}}'],
      ['too much', foreign({ more: 'x'.repeat(1 << 20) })],
      ['deep nesting', '['.repeat(4000)],
      ['bytes that are no text', new Uint8Array(512).fill(0xff)],
    ];
    for (const [what, content] of files) {
      it(`(${what}) counts by its age only, and crashes nobody`, async () => {
        const { store } = workspace();
        put(content);
        const holder = { id: '', host: '', pid: 0, program: '', since: '' };
        assert.deepEqual(await store.takeLease('s-1', PROGRAM), { kind: 'held', holder });
        assert.deepEqual(await store.leaseHolder('s-1'), holder);
        put(content, 60_000);
        assert.equal(await store.leaseHolder('s-1'), undefined);
        assert.equal((await store.takeLease('s-1', PROGRAM)).kind, 'taken');
      });
    }

    it('is shown without control characters, and short', async () => {
      const { store } = workspace();
      const host = '\u001b[31mred\u202e\n\u2028';
      put(foreign({ host, program: `p\0${'q'.repeat(400)}`, since: 'soon' }));
      const holder = await store.leaseHolder('s-1');
      assert.equal(holder?.host, '[31mred');
      assert.equal(holder?.program, `p${'q'.repeat(99)}`);
      assert.equal(holder?.since, '');
    });

    it('keeps fields of later versions harmless', async () => {
      const { store } = workspace();
      put(foreign({ window: 3 }));
      assert.equal((await store.leaseHolder('s-1'))?.program, 'VS Code');
    });
  });

  it('of an id that cannot name a file, or where a link or a folder lies, is refused', async () => {
    const { store, root, folder, file } = workspace();
    for (const id of ['', '../x', 'a/b', 'con', 'a\0b', 'x'.repeat(300)]) {
      const outcome = await store.takeLease(id, PROGRAM);
      assert.equal(outcome.kind === 'io' && outcome.code, 'EINVAL', id);
      assert.equal(await store.leaseHolder(id), undefined);
    }
    assert.equal(fs.existsSync(root), false);
    put('');
    const target = `${folder}/target.json`;
    fs.writeFileSync(target, foreign());
    for (const place of [() => fs.symlinkSync(target, file(FILE)), () => fs.mkdirSync(file(FILE))]) {
      fs.rmSync(file(FILE), { recursive: true });
      place();
      for (const takeOver of [false, true]) {
        const outcome = await store.takeLease('s-1', { ...PROGRAM, takeOver });
        assert.equal(outcome.kind === 'io' && outcome.code, 'ELOOP');
      }
      assert.equal(await store.leaseHolder('s-1'), undefined);
    }
    assert.equal(fs.readFileSync(target, 'utf8'), foreign());
    fs.rmSync(file('leases'), { recursive: true });
    fs.mkdirSync(`${root}/other`);
    fs.symlinkSync(`${root}/other`, file('leases'));
    const linked = await store.takeLease('s-1', PROGRAM);
    assert.equal(linked.kind === 'io' && linked.code, 'ENOTDIR');
    fs.rmSync(file('leases'));
    fs.symlinkSync(os.tmpdir(), file('leases'));
    const outside = await store.takeLease('s-1', PROGRAM);
    assert.equal(outside.kind === 'io' && outside.code, 'EACCES');
  });

  it('in a folder that takes no file is an error as a value', async () => {
    const { store, write } = workspace();
    write('leases', 'a file where the folder would be');
    const outcome = await store.takeLease('s-1', PROGRAM);
    assert.equal(outcome.kind === 'io' && outcome.code, 'ENOTDIR');
    assert.equal(await store.leaseHolder('s-1'), undefined);
  });

  it('on a full disk is an error as a value, and leaves nothing behind', async () => {
    const { store, file } = workspace();
    await (await taken(store)).release();
    const write = fs.writeFileSync;
    const full = () => {
      throw Object.assign(new Error('ENOSPC (simulated)'), { code: 'ENOSPC' });
    };
    Object.assign(fs, { writeFileSync: full });
    try {
      const outcome = await store.takeLease('s-1', PROGRAM);
      assert.equal(outcome.kind === 'io' && outcome.code, 'ENOSPC');
    } finally {
      Object.assign(fs, { writeFileSync: write });
    }
    assert.deepEqual(fs.readdirSync(file('leases')), []);
    await taken(store);
  });

  it('has at most one holder, whatever several do one after another', async () => {
    const { another } = workspace();
    const stores = [another(), another(), another()];
    const step = fc.record({ who: fc.nat(2), what: fc.constantFrom('take', 'take over', 'release', 'ask') });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const id = `s-run-${++run}`;
        const leases: (Lease | undefined)[] = [undefined, undefined, undefined];
        const lost = [0, 0, 0];
        let owner: number | undefined;
        for (const { who, what } of steps) {
          const store = stores[who];
          if (!store) throw new Error('no such store');
          switch (what) {
            case 'take':
            case 'take over': {
              const takeOver = what === 'take over';
              const before = owner;
              const outcome = await store.takeLease(id, {
                program: `p${who}`,
                takeOver,
                onLost: () => {
                  lost[who] = (lost[who] ?? 0) + 1;
                },
              });
              assert.equal(outcome.kind, before === undefined || takeOver ? 'taken' : 'held');
              if (outcome.kind === 'taken') {
                leases[who] = outcome.lease;
                owner = who;
              } else if (outcome.kind === 'held') assert.equal(outcome.holder.program, `p${before}`);
              break;
            }
            case 'release':
              await leases[who]?.release();
              if (owner === who) owner = undefined;
              leases[who] = undefined;
              break;
            default:
              for (const [index, lease] of leases.entries()) {
                if (lease) assert.equal(await lease.isMine(), index === owner);
              }
          }
          const holder = await store.leaseHolder(id);
          assert.equal(holder?.id, owner === undefined ? undefined : leases[owner]?.holder.id);
        }
        for (const lease of leases) await lease?.release();
        assert.equal(await stores[0]?.leaseHolder(id), undefined);
      }),
      { numRuns: 25 },
    );
  });

  describe('between processes', () => {
    const children: Child[] = [];
    afterEach(async () => {
      for (const child of children.splice(0)) {
        // One that a failed test left stopped would never end.
        if (process.platform !== 'win32') child.signal('SIGCONT');
        await child.end();
      }
    });
    const start = (beat: number, stale: number, takeOver = false): Child => {
      const child = startChild(workspace().folder, `${beat}`, `${stale}`, `${takeOver}`);
      children.push(child);
      return child;
    };
    const outcomeOf = async (child: Child) => {
      await until(() => child.said.length > 0);
      return child.said[0];
    };

    it('that all find the same stale lease is taken by exactly one, and the others are told by whom', async () => {
      for (const text of [foreign({ machine: thisMachine(), pid: 2 ** 30 }), 'nonsense']) {
        put(text, 60_000);
        const outcomes = await Promise.all([1, 2, 3, 4].map(() => outcomeOf(start(5000, 30_000))));
        const winner = outcomes.find((outcome) => outcome?.kind === 'taken');
        const losers = outcomes.filter((outcome) => outcome?.kind === 'held');
        assert.equal(losers.length, 3);
        for (const loser of losers) assert.deepEqual(loser?.holder, winner?.holder);
        for (const child of children.splice(0)) await child.end();
        assert.equal(await workspace().store.leaseHolder('s-1'), undefined);
      }
    });

    it('that all take it over at once is left with one, and every other one learns that it is not the one', async () => {
      const { store } = workspace();
      const all = [1, 2, 3].map(() => start(100, 30_000, true));
      for (const child of all) assert.equal((await outcomeOf(child))?.kind, 'taken');
      const losers = () => all.filter(({ said }) => said.some(({ lost }) => lost !== undefined));
      await until(() => losers().length === 2);
      const [winner] = all.filter((child) => !losers().includes(child));
      assert.deepEqual(await store.leaseHolder('s-1'), winner?.said[0]?.holder);
    });

    it('is held by a living one, and free at once when that is killed', async () => {
      const { store } = workspace();
      const child = start(5000, 30_000);
      const told = await outcomeOf(child);
      const outcome = await store.takeLease('s-1', PROGRAM);
      assert.deepEqual(outcome, { kind: 'held', holder: told?.holder });
      await child.kill();
      await taken(store);
    });

    it('is lost by one that was stopped for longer than it may be silent, which learns so and writes no more', async function () {
      if (process.platform === 'win32') skipBecause(this, 'a process cannot be stopped there');
      const { file } = workspace();
      const store = quick(100, 1000);
      const child = start(100, 1000);
      const told = await outcomeOf(child);
      child.signal('SIGSTOP');
      // Well past the limit: the disk's clock, by which the store judges, may lag behind this one by a tick.
      const old = () => Date.now() - fs.statSync(file(FILE)).mtimeMs > 1500;
      await until(old);
      const lease = await taken(store);
      child.signal('SIGCONT');
      await until(() => child.said.length > 1);
      assert.deepEqual(child.said[1], { lost: lease.holder });
      assert.notEqual(lease.holder.id, told?.holder?.id);
      assert.equal(await lease.isMine(), true);
      await child.end();
      assert.equal(await lease.isMine(), true);
      await store.close();
    });
  });
});
