// What the real Claude Code and Codex send to their model when they resume the recorded sessions and forks of them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Agent, agentById, importTranscript, type NativeForm, restoreOptions } from '../../src/agents/index.ts';
import { cutHistory, type Message, repairHistory } from '../../src/core/index.ts';
import { messagesApi, responsesApi } from '../support/record/modelApis.ts';
import { type ModelRequest, type PlayedModel, playModel } from '../support/record/playModel.ts';
import { agentPrograms, runClaude, runCodex, versionOf } from '../support/record/runAgent.ts';
import { makeSampleWorkspace, type SampleWorkspace } from '../support/sampleWorkspace.ts';
import { skipBecause } from '../support/skip.ts';
import { outlineOfHistory, outlineOfInput, outlineOfMessages, sortResults } from './sentHistory.ts';

const programs = agentPrograms(process.env);
const PROMPT = 'What did you change?';
const ANSWER = { text: 'Two files.' };

interface Setup {
  readonly label: string;
  readonly agent: Agent;
  readonly program: string | undefined;
  readonly variable: string;
  readonly api: typeof messagesApi;
  /** A new id for a fork that ends in `nth`. */
  newId(nth: number): string;
  outline(request: ModelRequest): readonly string[];
  /** Resumes a session with PROMPT; resolves with the id under which the agent says it went on. */
  resume(sample: SampleWorkspace, url: string, nativeId: string): Promise<string | undefined>;
  /** Runs the words of a resume command, not interactive. */
  start(sample: SampleWorkspace, url: string, args: readonly string[]): Promise<string>;
  /** Not the one that the recordings were made with. */
  readonly otherModel: string;
}

const setups: readonly Setup[] = [
  {
    label: 'Claude Code',
    agent: agentById('claude-code'),
    program: programs.claude,
    variable: 'HOLDFAST_CLAUDE',
    api: messagesApi,
    newId: (nth) => `11111111-1111-4111-8111-${nth.toString().padStart(12, '0')}`,
    outline: outlineOfMessages,
    async resume({ folder, home }, url, nativeId) {
      const run = { program: programs.claude ?? '', folder, home, url };
      const out = await runClaude(run, ['--output-format', 'json', '--resume', nativeId, PROMPT]);
      return /"session_id":"([^"]+)"/.exec(out)?.[1];
    },
    start: ({ folder, home }, url, args) => runClaude({ program: programs.claude ?? '', folder, home, url }, args),
    otherModel: 'claude-opus-4-5-20251101',
  },
  {
    label: 'Codex',
    agent: agentById('codex'),
    program: programs.codex,
    variable: 'HOLDFAST_CODEX',
    api: responsesApi,
    newId: (nth) => `01a1fd8f-1111-7111-8111-${nth.toString().padStart(12, '0')}`,
    outline: outlineOfInput,
    async resume({ folder, home }, url, nativeId) {
      const run = { program: programs.codex ?? '', folder, home, url };
      const out = await runCodex(run, ['resume', '--disable', 'plugins', '--json', nativeId, PROMPT]);
      return /"thread_id":"([^"]+)"/.exec(out)?.[1];
    },
    start: ({ folder, home }, url, args) => runCodex({ program: programs.codex ?? '', folder, home, url }, args),
    otherModel: 'gpt-5.4',
  },
];

/** Both agents can be given sessions. */
function native(agent: Agent): NativeForm {
  assert.ok(agent.native);
  return agent.native;
}

for (const { label, agent, program, variable, api, newId, outline, resume, start, otherModel } of setups) {
  describe(`The real ${label}`, () => {
    let dir: string;
    let sample: SampleWorkspace;
    let model: PlayedModel;

    before(async function () {
      const { HOLDFAST_NO_AGENTS: why } = process.env;
      if (why !== undefined) skipBecause(this, why);
      if (program === undefined) skipBecause(this, `${variable} does not name the program of ${label}`);
      console.log(`    ${label} ${versionOf(program)}`);
      model = await playModel(api);
    });
    after(() => model?.[Symbol.asyncDispose]());
    beforeEach(() => {
      dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-real-'));
      sample = makeSampleWorkspace(dir);
    });
    afterEach(() => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));

    const where = () => ({ home: sample.home, env: sample.env });
    async function read(transcript: string): Promise<readonly Message[]> {
      const outcome = await importTranscript(transcript, {
        folder: sample.folder,
        now: Date.now,
        random: () => '0123456789abcdef',
      });
      assert.ok(outcome.kind === 'imported', outcome.kind);
      assert.deepEqual(outcome.problems, []);
      return outcome.session.history;
    }
    /** Resumes a session: what its model was sent must be `history` and the prompt, and nothing else. */
    async function resumed(nativeId: string, transcript: string, history: readonly Message[]): Promise<void> {
      model.play([ANSWER]);
      assert.equal(await resume(sample, model.url, nativeId), nativeId);
      const [request, ...more] = model.requests();
      assert.ok(request && more.length === 0, `${more.length + 1} requests`);
      const known = sortResults(outlineOfHistory(history));
      const sent = sortResults(outline(request));
      // Where the user or a tool had the last word, Claude Code lets its model say one before the prompt.
      const waits = label === 'Claude Code' && history.at(-1)?.role !== 'assistant';
      const said = waits ? sent.slice(known.length, -1) : [];
      assert.ok(!waits || (said.length === 1 && said[0]?.startsWith('assistant: ')), said.join('\n'));
      assert.deepEqual(sent, [...known, ...said, `user: ${PROMPT}`]);
      const after = sortResults(outlineOfHistory(await read(transcript)));
      assert.deepEqual(after, [...known, ...said, `user: ${PROMPT}`, `assistant: ${ANSWER.text}`]);
    }

    it('resumes every recorded session with its whole history, and goes on in the same file', async () => {
      const sessions = await agent.find(where(), sample.folder);
      assert.equal(sessions.length, 2);
      for (const { nativeId, transcript } of sessions) await resumed(nativeId, transcript, await read(transcript));
    });

    it('takes a first message that begins with a dash, and the model of a saved configuration', async () => {
      const [session] = await agent.find(where(), sample.folder);
      assert.ok(session);
      const saved = { llm_model: otherModel, llm_provider: 'openai' };
      const prompt = '-- not a flag\nbut a line; $(and) `more`';
      const args =
        native(agent).resumeCommand?.(session.nativeId, { prompt, ...restoreOptions(agent, saved) })?.args ?? [];
      model.play([ANSWER]);
      await start(sample, model.url, args);
      const [request] = model.requests();
      assert.ok(request);
      assert.ok(outline(request).at(-1)?.includes(prompt), outline(request).at(-1));
      assert.equal(request.model, otherModel);
    });

    it('resumes a fork from any message with the history up to there, and leaves its source alone', async () => {
      let nth = 0;
      for (const { transcript } of await agent.find(where(), sample.folder)) {
        const history = await read(transcript);
        const before = fs.readFileSync(transcript);
        for (const [index, { raw }] of history.entries()) {
          assert.ok(raw);
          const fork = await native(agent).fork(where(), {
            raw: transcript,
            upTo: raw.to,
            folder: sample.folder,
            newId: newId(++nth),
            title: 'Another way',
            now: Date.now(),
          });
          await resumed(fork.nativeId, fork.transcript, repairHistory(cutHistory(history, index + 1)).history);
        }
        assert.deepEqual(fs.readFileSync(transcript), before);
      }
    });
  });
}
