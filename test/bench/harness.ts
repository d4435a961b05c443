import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Message, openStore, type SessionStore } from '../../src/core/index.ts';

/** What a benchmark prints: a table of texts. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Scale {
  /** The sizes that RESULTS.md shows; without it, small ones that take seconds. */
  readonly full: boolean;
}

export interface Bench {
  readonly title: string;
  run(scale: Scale): Promise<Table>;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Three digits of a number of ms, MB or a ratio. */
export function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/**
 * Runs all variants in turn, so that noise from neighbours hits them alike; returns each one's median in ms. A variant
 * that gives a number has taken its own time: not all that it does belongs to what is measured.
 */
export async function interleaved(
  variants: ReadonlyMap<string, () => unknown>,
  rounds: number,
  warmUp = 1,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>([...variants.keys()].map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, run] of variants) {
      const from = performance.now();
      let result = run();
      if (result instanceof Promise) result = await result;
      const ms = typeof result === 'number' ? result : performance.now() - from;
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  return new Map([...times].map(([name, each]) => [name, median(each)]));
}

/** The time that `work` takes, ms. */
export async function timed(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Runs `work` and gives its result, and the longest time (ms) in which nothing else could run meanwhile. */
export async function withStalls<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly stall: number }> {
  let [stall, on] = [0, true];
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    stall = Math.max(stall, now - last);
    last = now;
  };
  const turn = () => {
    look();
    if (on) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    const result = await work();
    look();
    return { result, stall };
  } finally {
    on = false;
  }
}

/** Rows of name, median in ms and its ratio to the first, or to the one named. */
export function ratioRows(medians: ReadonlyMap<string, number>, base = [...medians.keys()][0] ?? ''): string[][] {
  const limit = medians.get(base) ?? Number.NaN;
  return [...medians].map(([name, ms]) => [name, digits(ms), digits(ms / limit)]);
}

/** Runs `work` in a folder of its own, removed afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-bench-')));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

export function storeIn(folder: string): SessionStore {
  return openStore({ folder, now: () => Date.now(), random: () => randomBytes(8).toString('hex') });
}

const WORDS = 'const let function return await import session history message tool read write edit the a of to'.split(
  ' ',
);

/** A message of about 850 bytes, always the same for the same number; every 200th is 50 KB of tool output, some are Chinese. */
export function sampleMessage(number: number, textBytes = number % 200 === 199 ? 50_000 : 700): Message {
  const words: string[] = [];
  let size = 0;
  for (let n = number * 7919; size < textBytes; n = (n * 16_807 + 11) % 2_147_483_647) {
    const word = number % 10 === 3 && n % 4 === 0 ? '会话持久化' : (WORDS[n % WORDS.length] ?? '');
    words.push(word);
    size += word.length + 1;
  }
  return {
    id: `m${number}`,
    role: number % 3 === 0 ? 'user' : number % 3 === 1 ? 'assistant' : 'tool',
    content: words.join(' '),
    timestamp: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
  };
}

/** Writes a snapshot of `messages` messages in our layout, repeated lines for huge ones, without holding it. Returns its bytes. */
export function writeSnapshot(file: string, messages: number, sessionId = 's-1'): number {
  const head = {
    schema: 'holdfast/1',
    session_id: sessionId,
    name: path.basename(file, '.json'),
    title: 'Fix the flaky watcher test',
    revision: 1,
    created_at: '2026-01-01T00:00:00.000Z',
    saved_at: '2026-01-01T00:00:00.000Z',
    state: 'active',
    agent_config: { name: 'assistant', llm_provider: 'anthropic', llm_model: 'big', max_steps: 10 },
    metadata: { total_tokens: 43_500, total_steps: 25, turns: 8 },
    message_count: messages,
  };
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const fd = fs.openSync(file, 'w');
  const fields = Object.entries(head).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},\n`);
  fs.writeSync(fd, `{\n${fields.join('')}"history":[`);
  const texts = Array.from({ length: Math.min(messages, 10_000) }, (_, n) => JSON.stringify(sampleMessage(n)));
  let block: string[] = [];
  let size = 0;
  const flush = () => {
    fs.writeSync(fd, block.join(''));
    block = [];
    size = 0;
  };
  for (let n = 0; n < messages; n++) {
    const text = (texts[n % texts.length] ?? '').replace(/^\{"id":"m\d+"/, `{"id":"m${n}"`);
    block.push(n === 0 ? '\n' : ',\n', text);
    size += text.length;
    if (size > 4 << 20) flush();
  }
  block.push('\n]}\n');
  flush();
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  return fs.statSync(file).size;
}

/** Write, fsync, rename, fsync of the folder: the least that a durable replacement takes. */
export function replaceFile(file: string, bytes: Uint8Array): void {
  const fd = fs.openSync(`${file}.tmp`, 'w');
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done, bytes.length - done);
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  fs.renameSync(`${file}.tmp`, file);
  const folder = fs.openSync(path.dirname(file), 'r');
  fs.fsyncSync(folder);
  fs.closeSync(folder);
}
