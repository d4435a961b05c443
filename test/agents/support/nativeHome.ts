import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, importTranscript, type NativeForkOptions } from '../../../src/agents/index.ts';
import type { Message } from '../../../src/core/index.ts';
import { putText } from './conformance/sample.ts';
import { outline, toText } from './transcripts.ts';

/** Id of the sessions that tests write, and the time at which they do, ms since the epoch. */
export const NEW = '99999999-0000-4000-8000-0000000000aa';
export const NOW = Date.UTC(2026, 10, 21, 12, 30);

/** A folder and an empty home, new for each test of the suite that asks for them. */
export function nativeHome(agent: Agent) {
  let root = '';
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), `holdfast-${agent.id}-`)));
    await mkdir(join(root, 'work/shop'), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));
  const { native } = agent;
  assert.ok(native);
  const form = native;

  const place = {
    form,
    get root() {
      return root;
    },
    get folder() {
      return join(root, 'work/shop');
    },
    get home() {
      return join(root, 'home');
    },
    where: () => ({ home: join(root, 'home'), env: {} }),
    async history(file: string): Promise<readonly Message[]> {
      const outcome = await importTranscript(file, {
        folder: place.folder,
        now: () => NOW,
        random: () => '0123456789abcdef',
      });
      if (outcome.kind !== 'imported') throw new Error(outcome.kind);
      return outcome.session.history;
    },
    async written(file: string): Promise<Record<string, unknown>[]> {
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line));
    },
    /** Forks a transcript of these lines. */
    async fork(lines: readonly object[], options: Partial<NativeForkOptions> = {}) {
      const raw = await putText(join(root, 'mirror.jsonl'), toText(lines));
      const made = await form.fork(place.where(), { raw, folder: place.folder, newId: NEW, now: NOW, ...options });
      const told = outline(await place.history(made.transcript));
      return { ...made, lines: await place.written(made.transcript), outline: told };
    },
  };
  return place;
}
