// What the real agents send to their model when they resume real transcripts, and what they send when they resume the
// same ones after these have been through a snapshot: it must be the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agentById, giveSession, importTranscript } from '../../src/agents/index.ts';
import { openStore } from '../../src/core/index.ts';
import { type ModelRequest, type PlayedModel, playModel } from '../support/record/playModel.ts';
import type { AgentRun } from '../support/record/runAgent.ts';
import { skipBecause } from '../support/skip.ts';
import { type RealAgent, realAgents } from './realAgent.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../../shared/samples');
const now = (): number => Date.now();
const random = (): string => randomBytes(8).toString('hex');

const rows = fs.existsSync(SAMPLES)
  ? fs.readFileSync(path.join(SAMPLES, 'EXPECTED.tsv'), 'utf8').trimEnd().split('\n').slice(1)
  : [];
const samplesOf = (agent: RealAgent): readonly string[] =>
  rows.map((row) => row.split('\t')[0] ?? '').filter((file) => file.startsWith(`${agent.id}/`));

/** What only the agents themselves add. */
const ADDED = /^<system-reminder>|^No response requested|interrupted|^<session_context>|^<environment_context>/;
/** What is known to be sent otherwise, and why that is right. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['claude-code/jazzyalex__agent-sessions/small.jsonl', 'made by hand: a few lines of a sub-agent are none'],
  [
    'claude-code/jazzyalex__agent-sessions/subagent/0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f.jsonl',
    'made by hand: its call has no id, ours has one',
  ],
  [
    'claude-code/lab__recorded/2.0.1/projects/-home-dev-projects-ws-demo/02c9bd9d-d3fb-4106-84ca-c4b6363a563d.jsonl',
    'its beginning is in another file, so it is written from its messages, without what was read of files that are not here',
  ],
]);

/** Puts a transcript where its agent keeps those of the folder, as it is; undefined where the agent has no such form. */
function place(agent: RealAgent, file: string, { home, folder }: AgentRun, nativeId: string): string | undefined {
  const target = placeOf(agent, file, home, folder, nativeId);
  if (target === undefined) return undefined;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(file, target);
  return target;
}

/** Lets an agent that has no files import its own export; undefined for any other agent, and any other form. */
async function imported(agent: RealAgent, file: string, run: AgentRun): Promise<string | undefined> {
  if (agent.prepare === undefined || !/^\s*\{\s*"info"/.test(fs.readFileSync(file, 'utf8').slice(0, 200)))
    return undefined;
  await agent.prepare(run, { command: run.program, args: ['import', file] });
  return file;
}

/** A copy in which a made-up id, which no agent would take, is one that it makes. */
function withRealId(file: string, copy: string, made: string, real: string): string {
  fs.writeFileSync(copy, fs.readFileSync(file, 'utf8').replaceAll(JSON.stringify(made), JSON.stringify(real)));
  return copy;
}

function placeOf({ id }: RealAgent, file: string, home: string, folder: string, native: string): string | undefined {
  switch (id) {
    case 'claude-code':
      return path.join(home, '.claude/projects', folder.replace(/[^A-Za-z0-9]/g, '-'), `${native}.jsonl`);
    case 'codex':
      return path.join(home, '.codex/sessions/2026/01/02', `rollout-2026-01-02T03-04-05-${native}.jsonl`);
    case 'gemini': {
      const name = `session-2026-01-02T03-04-${native.slice(0, 8)}${path.extname(file)}`;
      return path.join(home, '.gemini/tmp', path.basename(folder), 'chats', name);
    }
    case 'copilot-cli':
      return path.join(home, '.copilot/session-state', native, 'events.jsonl');
    default:
      return undefined;
  }
}

for (const real of realAgents) {
  describe(`Real transcripts in the real ${real.label}`, () => {
    const program = process.env[real.variable];
    let dir: string;
    let folder: string;
    let model: PlayedModel;
    let turns = 0;

    before(async function () {
      const { HOLDFAST_NO_AGENTS: why } = process.env;
      if (why !== undefined) skipBecause(this, why);
      if (program === undefined) skipBecause(this, `${real.variable} does not name the program of ${real.label}`);
      if (rows.length === 0) skipBecause(this, `there are no samples at ${SAMPLES}`);
      dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-samples-')));
      folder = path.join(dir, 'project');
      fs.mkdirSync(folder);
      spawnSync('git', ['init', '--quiet'], { cwd: folder });
      model = await playModel(real.api);
    });
    after(async () => {
      await model?.[Symbol.asyncDispose]();
      if (dir !== undefined) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    });

    function home(): AgentRun {
      turns += 1;
      const at = path.join(dir, `home-${turns}`);
      fs.mkdirSync(at);
      return { program: program ?? '', folder, home: at, url: model.url };
    }
    async function sent(run: AgentRun, nativeId: string, provider?: string): Promise<readonly string[]> {
      model.play([{ text: 'Fine.' }]);
      await real.turn(run, 'Go on.', nativeId, provider);
      const [request] = model.requests();
      assert.ok(request, 'no request');
      return said(request, run);
    }

    for (const sample of samplesOf(real)) {
      it(`sends the same of ${sample}`, async function () {
        this.timeout(120_000);
        const store = openStore({ folder, now, random });
        const read = async (from: string) => {
          const outcome = await importTranscript(from, { folder, agent: real.id, store, now, random });
          assert.ok(outcome.kind === 'imported', outcome.kind);
          return outcome;
        };
        let file = path.join(SAMPLES, sample);
        let outcome = await read(file);
        const theirs = home();
        const { native } = agentById(real.id);
        let nativeId = outcome.session.body.source?.native_id;
        if (nativeId === undefined) skipBecause(this, 'it tells no id');
        if (native?.isId(nativeId) !== true) {
          const id = native?.newId(0, createHash('sha256').update(sample).digest('hex')) ?? '';
          file = withRealId(file, path.join(dir, path.basename(file)), nativeId, id);
          outcome = await read(file);
          nativeId = id;
        }
        const provider = outcome.session.body.agent_config?.llm_provider;
        let placed: string | undefined;
        let direct: readonly string[] = [];
        try {
          placed = (await imported(real, file, theirs)) ?? place(real, file, theirs, nativeId);
          if (placed !== undefined) direct = await sent(theirs, nativeId, provider);
        } catch (error) {
          const why = String(error).trim().split('\n').at(-1)?.slice(0, 200);
          skipBecause(this, `${real.label} itself does not take it: ${why}`);
        }
        if (placed === undefined) skipBecause(this, 'it cannot be put there as a file');
        const name = await store.freeName(path.basename(sample));
        assert.equal((await store.save(name, outcome.session, undefined)).kind, 'saved');
        const ours = home();
        const to = agentById(real.id);
        real.configure?.(ours);
        const given = await giveSession({ store, name, to, where: { home: ours.home }, folder, now });
        const problems = given.kind === 'invalid' ? given.problems.map(({ code }) => code) : [];
        if (problems.includes('empty')) skipBecause(this, `${real.label} itself finds no message in it`);
        assert.ok(given.kind === 'given', JSON.stringify(given));
        if (given.before !== undefined) await real.prepare?.(ours, given.before);
        const again = await sent(ours, given.nativeId, provider);
        // Of what breaks a rule, an agent may forget a part in silence: then ours must know at least as much.
        const broken = (await native?.validate(placed))?.length !== 0;
        const why = OTHERWISE.get(sample);
        if (why !== undefined) skipBecause(this, why);
        if (broken)
          assert.deepEqual(
            textsOf(direct).filter((text) => !knows(again, text)),
            [],
          );
        else assert.deepEqual(again, direct);
        await store.close();
      });
    }
  });
}

/** What the conversation is in a request, without what differs between two homes and two moments. */
function said({ messages, input, contents }: ModelRequest, { home }: AgentRun): readonly string[] {
  return (messages ?? input ?? contents ?? [])
    .filter((one) => !('role' in one) || (one.role !== 'system' && one.role !== 'developer'))
    .map((one) =>
      // Gemini CLI sends each result twice, once from its call and once from a message of its own.
      JSON.stringify('parts' in one && Array.isArray(one.parts) ? { ...one, parts: unlike(one.parts) } : one)
        .replaceAll(home, 'HOME')
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
        .replace(/"create_time":[\d.]+/g, '"create_time":0')
        .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, 'TIME'),
    );
}

const unlike = (parts: readonly unknown[]): readonly unknown[] => [
  ...new Map(parts.map((part) => [JSON.stringify(part), part])).values(),
];

/** Every text that stands anywhere in messages, but for what the agent added. */
function textsOf(messages: readonly string[]): readonly string[] {
  const texts: string[] = [];
  for (const message of messages)
    JSON.parse(message, (key, value) => {
      const isText = (key === 'text' || key === 'content' || key === 'output') && typeof value === 'string';
      if (isText && value.trim() !== '' && !ADDED.test(value)) texts.push(value.trim());
      return value;
    });
  return texts;
}

const knows = (messages: readonly string[], text: string): boolean =>
  messages.some((message) => message.includes(JSON.stringify(text).slice(1, -1)));
