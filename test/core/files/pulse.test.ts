import assert from 'node:assert/strict';
import { mock } from 'node:test';
import * as fc from 'fast-check';
import { createPulse, type Pulse } from '../../../src/core/files/freshness/pulse.ts';

const DELAY = 100;
const PAUSE = 250;

interface Run {
  end(error?: Error): void;
}

/** A pulse in played time, with a job whose runs end when they are told to. */
function play(): {
  readonly pulse: Pulse;
  readonly errors: unknown[];
  /** How often the job was started; how many runs are under way now. */
  readonly counts: { started: number; running: number; most: number };
  pass(ms: number): Promise<void>;
  end(error?: Error): Promise<void>;
} {
  const runs: Run[] = [];
  const errors: unknown[] = [];
  const counts = { started: 0, running: 0, most: 0 };
  const job = (): Promise<void> => {
    counts.started++;
    counts.running++;
    counts.most = Math.max(counts.most, counts.running);
    return new Promise((resolve, reject) => {
      runs.push({
        end(error) {
          counts.running--;
          if (error === undefined) resolve();
          else reject(error);
        },
      });
    });
  };
  return {
    pulse: createPulse(job, { delayMs: DELAY, pauseMs: PAUSE, onError: (error) => errors.push(error) }),
    errors,
    counts,
    async pass(ms) {
      now += ms;
      mock.timers.tick(ms);
      await settle();
    },
    async end(error) {
      for (const run of runs.splice(0)) run.end(error);
      await settle();
    },
  };
}

let now = 0;
/** Lets everything run that waits for no timer. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('pulse', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(performance, 'now', () => now);
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  it('runs the job once for news that come together, soon after the first', async () => {
    const { pulse, counts, pass, end } = play();
    for (let n = 0; n < 9; n++) {
      pulse.nudge();
      await pass(DELAY / 10);
    }
    assert.equal(counts.started, 0);
    await pass(DELAY / 10);
    assert.equal(counts.started, 1);
    await end();
    await pass(100_000);
    assert.equal(counts.started, 1);
  });

  it('runs once more for news that arrive while it runs, after a pause', async () => {
    const { pulse, counts, pass, end } = play();
    pulse.nudge();
    await pass(DELAY);
    for (let n = 0; n < 5; n++) {
      pulse.nudge();
      await pass(DELAY);
    }
    assert.deepEqual(counts, { started: 1, running: 1, most: 1 });
    await end();
    // The run took 5 x DELAY: the pause is twice that.
    await pass(10 * DELAY - 1);
    assert.equal(counts.started, 1);
    await pass(1);
    assert.equal(counts.started, 2);
    await end();
    await pass(100_000);
    assert.equal(counts.started, 2);
  });

  it('runs again and again through a burst that never ends', async () => {
    const { pulse, counts, pass, end } = play();
    for (let ms = 0; ms < 20_000; ms += 10) {
      pulse.nudge();
      await pass(10);
      if (counts.running > 0 && ms % 50 === 0) await end();
    }
    assert.ok(counts.started >= 20_000 / (PAUSE + 200), String(counts.started));
    assert.equal(counts.most, 1);
  });

  it('waits with now() for the run under way and for one more, and rejects with what that rejects with', async () => {
    const { pulse, counts, pass, end, errors } = play();
    pulse.nudge();
    await pass(DELAY);
    const told: string[] = [];
    const first = pulse.now().then(
      () => told.push('first'),
      (error: unknown) => told.push(String(error)),
    );
    const second = pulse.now().then(
      () => told.push('second'),
      (error: unknown) => told.push(String(error)),
    );
    await end(new Error('of the nudged run'));
    assert.deepEqual([counts.started, told], [2, []]);
    assert.deepEqual(errors.map(String), ['Error: of the nudged run']);
    await end(new Error('of the first'));
    assert.deepEqual([counts.started, told], [3, ['Error: of the first']]);
    await end();
    await Promise.all([first, second]);
    assert.deepEqual(told, ['Error: of the first', 'second']);
    assert.equal(counts.most, 1);
    assert.equal(errors.length, 1);
  });

  it('takes news that came before now() for seen', async () => {
    const { pulse, counts, pass, end } = play();
    pulse.nudge();
    const done = pulse.now();
    await end();
    await done;
    await pass(100_000);
    assert.equal(counts.started, 1);
  });

  it('goes on after a job that failed, also one that threw at once', async () => {
    const { pulse, counts, pass, end, errors } = play();
    pulse.nudge();
    await pass(DELAY);
    await end(new Error('failed'));
    pulse.nudge();
    await pass(100_000);
    assert.equal(counts.started, 2);
    assert.deepEqual(errors.map(String), ['Error: failed']);
    const broken = createPulse(
      () => {
        throw new Error('at once');
      },
      { onError: (error) => errors.push(error) },
    );
    broken.nudge();
    await pass(DELAY);
    assert.deepEqual(errors.map(String), ['Error: failed', 'Error: at once']);
    await assert.rejects(broken.now(), /at once/);
  });

  it('starts nothing once it is closed, whatever was asked before', async () => {
    const { pulse, counts, pass, end } = play();
    pulse.nudge();
    await pass(DELAY);
    pulse.nudge();
    const waiting = pulse.now();
    pulse.close();
    await end();
    await waiting;
    pulse.nudge();
    await pulse.now();
    await pass(100_000);
    assert.deepEqual(counts, { started: 1, running: 0, most: 1 });
    const second = play();
    second.pulse.nudge();
    second.pulse.close();
    await pass(100_000);
    assert.equal(second.counts.started, 0);
  });

  it('never runs twice at a time, and misses no news, whatever happens in which order', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('nudge' as const) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 600 }) },
      { weight: 2, arbitrary: fc.constant('end' as const) },
      { weight: 1, arbitrary: fc.constant('fail' as const) },
      { weight: 1, arbitrary: fc.constant('now' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { pulse, counts, pass, end, errors } = play();
        let failures = 0;
        let rejected = 0;
        let newest = 0;
        const waiting: Promise<unknown>[] = [];
        for (const one of steps) {
          if (typeof one === 'number') await pass(one);
          else if (one === 'nudge') {
            newest = counts.started + 1;
            pulse.nudge();
          } else if (one === 'now') {
            newest = counts.started + 1;
            waiting.push(pulse.now().catch(() => rejected++));
            await settle();
          } else {
            if (one === 'fail') failures += counts.running;
            await end(one === 'fail' ? new Error('failed') : undefined);
          }
          assert.ok(counts.most <= 1);
        }
        for (let n = 0; n < steps.length + 3; n++) {
          await end();
          await pass(10_000);
        }
        await end();
        await Promise.all(waiting);
        // A run that was started after the last news has seen them.
        assert.ok(counts.started >= newest, `${counts.started} < ${newest}`);
        assert.equal(counts.running, 0);
        assert.equal(errors.length + rejected, failures);
        pulse.close();
      }),
      { numRuns: 100 },
    );
  });
});
