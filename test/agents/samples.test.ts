import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import {
  type Agent,
  type AgentId,
  agentById,
  detectAgent,
  handOver,
  type ImportOutcome,
  importTranscript,
  type NativeForm,
} from '../../src/agents/index.ts';
import { type Message, repairHistory } from '../../src/core/index.ts';
import { conversation, textsOf } from './support/conversation.ts';
import { countSample } from './support/count.ts';
import { DIFFERENT, LOSSY_FORKS, NO_TRANSCRIPTS, UNFORKABLE } from './support/sampleReasons.ts';

const SAMPLES = resolve(import.meta.dirname, '../../../shared/samples');
const NOW = 1_795_000_000_000;

/** Folders of samples that are not named for their agent. */
const AGENTS: Readonly<Record<string, AgentId>> = {
  'vscode-copilot-chat': 'copilot-chat',
  generic: 'messages',
  agentscope: 'messages',
};

const COUNTS = {
  user_prompts: 'prompts',
  assistant_messages: 'assistantMessages',
  tool_calls: 'toolCalls',
  reads: 'reads',
  full_reads: 'fullReads',
  edits: 'edits',
  tokens_in: 'tokensIn',
  tokens_out: 'tokensOut',
} as const;

/** Columns that an independent reader filled, by the path of the sample; see FORMATS 8. */
function readExpected(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [header, ...rows] = readFileSync(join(SAMPLES, 'EXPECTED.tsv'), 'utf8').trimEnd().split('\n');
  const names = (header ?? '').split('\t');
  return new Map(
    rows.map((row) => {
      const fields = new Map(row.split('\t').map((value, index) => [names[index] ?? '', value]));
      return [fields.get('path') ?? '', fields] as const;
    }),
  );
}

function sampleFiles(ending: RegExp): readonly string[] {
  return readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes('/') && ending.test(file))
    .sort();
}

function agentOfSample(path: string): AgentId {
  const [folder = ''] = path.split('/');
  return AGENTS[folder] ?? (folder as AgentId);
}

const isThere = existsSync(join(SAMPLES, 'EXPECTED.tsv'));
const expected = isThere ? readExpected() : new Map<string, ReadonlyMap<string, string>>();
const files = isThere ? sampleFiles(/\.jsonl?$/) : [];
const databases = isThere ? sampleFiles(/\.db$/) : [];

describe('the samples', function () {
  this.timeout(30_000);
  let folder: string;
  before(function () {
    if (isThere) return;
    console.log(`      skipped: there are no samples at ${SAMPLES}`);
    this.skip();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-samples-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function read(file: string, agent?: Agent): Promise<Extract<ImportOutcome, { kind: 'imported' }>> {
    const outcome = await importTranscript(file, {
      folder,
      now: () => NOW,
      random: () => '0123456789abcdef',
      ...(agent === undefined ? {} : { agent }),
    });
    if (outcome.kind !== 'imported') throw new Error(`${file}: ${outcome.kind}`);
    return outcome;
  }

  for (const path of files.filter((file) => !NO_TRANSCRIPTS.some(({ pattern }) => pattern.test(file)))) {
    it(`imports ${path}`, async () => {
      const file = join(SAMPLES, path);
      const wanted = agentById(path.endsWith('seed001-session.json') ? 'helloagents' : agentOfSample(path));
      assert.equal((await detectAgent(file))?.id, wanted.id);
      const { counts, problems, session } = await read(file);
      const ids = session.history.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);

      const counted = countSample(path.split('/')[0] ?? '', file);
      const { assistantMessages, toolCalls } = counts;
      if (counted !== undefined) assert.deepEqual({ assistantMessages, toolCalls }, counted, 'the simple counter');

      const row = expected.get(path);
      if (row === undefined) return;
      const told = Object.entries(COUNTS).map(([column, count]) => [column, counts[count]] as const);
      const different = DIFFERENT.filter(({ pattern }) => pattern.test(path));
      const wantedCounts = Object.keys(COUNTS).map((column) => [column, Number(row.get(column))] as const);
      assert.deepEqual(
        Object.fromEntries(told),
        Object.fromEntries([...wantedCounts, ...different.flatMap(({ counts: own }) => Object.entries(own))]),
      );
      assert.equal(problems.filter(isBadLine).length, Number(row.get('bad_lines')));
      // The lists are cut off at 80 characters.
      const models = different.flatMap((one) => one.models ?? [])[0] ?? withoutProviders(path, row.get('models') ?? '');
      assert.equal(counts.models.join(',').slice(0, 80), models);
      // What stands in a file beside the transcript, the independent reader did not read.
      if (row.get('agent_versions') !== '')
        assert.equal(counts.versions.join(',').slice(0, 80), row.get('agent_versions'));
    });
  }

  for (const path of databases) {
    it(`imports each session of ${path}, and as the agent exports it`, async () => {
      const file = join(SAMPLES, path);
      const url = pathToFileURL(file);
      url.searchParams.set('immutable', '1');
      const database = new DatabaseSync(url, { readOnly: true });
      const ids = database.prepare('SELECT id FROM session').all();
      database.close();
      assert.ok(ids.length > 0);
      const exported = join(dirname(file), 'export.json');
      for (const { id } of ids) {
        const { session, counts } = await read(`${file}#${id}`, agentById('opencode'));
        assert.ok(session.history.length > 0);
        if (!existsSync(exported) || !readFileSync(exported, 'utf8').includes(`"id": "${id}"`)) continue;
        const told = await read(exported);
        assert.equal(conversation(session.history), conversation(told.session.history));
        assert.deepEqual(counts, told.counts);
      }
    });
  }

  for (const { pattern, why } of NO_TRANSCRIPTS) {
    const matching = files.filter((file) => pattern.test(file));
    it(`are refused where they are no transcripts: ${why}`, async () => {
      assert.ok(matching.length > 0);
      for (const path of matching) {
        const found = await detectAgent(join(SAMPLES, path));
        assert.equal(found?.id, undefined, path);
      }
    });
  }

  describe('that come from an agent that can be given sessions', () => {
    const where = () => ({ home: join(folder, 'home'), env: {}, userData: join(folder, 'data/User') });
    const idOf = (form: NativeForm, seed: string): string =>
      form.newId(NOW, createHash('sha256').update(seed).digest('hex'));
    const isSaid = ({ role }: Message): boolean => role === 'user' || role === 'assistant';

    for (const path of files.filter(
      (file) => expected.has(file) && !NO_TRANSCRIPTS.some((one) => one.pattern.test(file)),
    )) {
      const form = agentById(agentOfSample(path)).native;
      if (form === undefined) continue;
      const agent = agentById(agentOfSample(path));
      const file = join(SAMPLES, path);

      it(`is forked natively, and read back as the same conversation: ${path}`, async () => {
        const { history } = (await read(file, agent)).session;
        const fork = form.fork(where(), { raw: file, folder, newId: idOf(form, path), now: NOW });
        if (UNFORKABLE.has(path)) return assert.rejects(fork);
        // Nobody said anything: an agent may refuse to go on with it.
        if (!history.some(isSaid)) return void (await fork.catch(() => undefined));
        const { transcript } = await fork;
        assert.deepEqual(await form.validate(transcript), []);
        const forked = conversation((await read(transcript, agent)).session.history);
        const whole = conversation(repairHistory(history).history);
        if (LOSSY_FORKS.has(path)) assert.notEqual(forked, whole);
        else assert.equal(forked, whole);
      });

      it(`is written natively from its messages, and read back with all that was said: ${path}`, async () => {
        const { accepts } = form;
        const { history } = (await read(file, agent)).session;
        const ready = (await handOver(history, { from: agent.id, to: agent.id, accepts })).history;
        const write = form.write(where(), { history: ready, folder, newId: idOf(form, path), now: NOW });
        if (ready.length === 0) return assert.rejects(write);
        const { transcript } = await write;
        assert.deepEqual(await form.validate(transcript), []);
        assert.deepEqual(textsOf((await read(transcript, agent)).session.history), textsOf(ready));
      });
    }
  });
});

/** The independent reader puts the provider before the model, which is a field of its own here. */
function withoutProviders(path: string, models: string): string {
  return /^(?:cline|opencode)\//.test(path) ? models.replace(/(^|,)[^/,]+\//g, '$1') : models;
}

/** A line that is no JSON object; what is odd about the content of one is told too, but is no bad line. */
function isBadLine(problem: { readonly code: string; readonly detail?: string }): boolean {
  return (
    problem.code === 'bad-json' ||
    problem.code === 'torn-line' ||
    (problem.code === 'bad-shape' && problem.detail === 'not an object')
  );
}
