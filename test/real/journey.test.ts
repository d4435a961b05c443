// A session's whole way with the real agents: followed, saved, resumed, forked, handed over, and an edit denied.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  agentById,
  applyPlan,
  type Follower,
  followTranscript,
  type Given,
  giveSession,
  importTranscript,
  type LiveSession,
  mcpFile,
  type NativeForm,
  type ProtectedAgent,
  planInstall,
  withMcpServer,
} from '../../src/agents/index.ts';
import { type Message, openStore, type SessionStore } from '../../src/core/index.ts';
import { type ModelRequest, type PlayedModel, playModel } from '../support/record/playModel.ts';
import { type AgentRun, stubPlugins, versionOf } from '../support/record/runAgent.ts';
import { skipBecause } from '../support/skip.ts';
import { type RealAgent, realAgents } from './realAgent.ts';

const ECHO = path.resolve(import.meta.dirname, '../support/echoServer.mjs');
const HOOK = path.resolve(import.meta.dirname, '../../dist/hook.cjs');
const now = (): number => Date.now();
const random = (): string => randomBytes(8).toString('hex');

/** Words that stand nowhere else, so that a request tells which messages it holds. */
const MARKS = {
  ask: 'MARK-ASK-1',
  file: 'MARK-FILE',
  answer: 'MARK-ANSWER-1',
  askAgain: 'MARK-ASK-2',
  answerAgain: 'MARK-ANSWER-2',
};
const ALL = Object.values(MARKS);
const marksIn = (value: unknown): string[] => ALL.filter((mark) => JSON.stringify(value).includes(mark));

for (const real of realAgents) {
  describe(`A session of the real ${real.label}`, () => {
    const program = process.env[real.variable];
    let dir: string;
    let folder: string;
    let run: AgentRun;
    let model: PlayedModel;
    let store: SessionStore;
    const agent = agentById(real.id);
    const NAME = 'greeting';

    before(async function () {
      this.timeout(60_000);
      const { HOLDFAST_NO_AGENTS: why } = process.env;
      if (why !== undefined) skipBecause(this, why);
      if (program === undefined) skipBecause(this, `${real.variable} does not name the program of ${real.label}`);
      console.log(`    ${real.label} ${versionOf(program)}`);
      dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-real-')));
      folder = makeFolder(path.join(dir, 'greet'));
      model = await playModel(real.api);
      run = { program, folder, home: path.join(dir, 'home'), url: model.url };
      fs.mkdirSync(run.home);
      store = openStore({ folder, now, random });
    });
    after(async () => {
      await store?.close();
      await model?.[Symbol.asyncDispose]();
      if (dir !== undefined) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    });

    const file = (): string => path.join(folder, 'src/greet.js');
    const where = ({ home }: AgentRun) => ({ home });
    async function found(): Promise<LiveSession> {
      const [session, ...more] = await agent.find(where(run), folder);
      assert.ok(session && more.length === 0, `${more.length + (session ? 1 : 0)} sessions`);
      return session;
    }
    async function saved(name = NAME): Promise<readonly Message[]> {
      const loaded = await store.load(name);
      assert.ok(loaded.kind === 'loaded', loaded.kind);
      assert.deepEqual(loaded.problems, []);
      return loaded.session.history;
    }

    it('is found, saved and followed turn by turn', async function () {
      this.timeout(180_000);
      model.play([{ calls: [real.read(file())] }, { text: `It greets. ${MARKS.answer}` }]);
      await real.turn(run, `What does it do? ${MARKS.ask}`);
      assert.equal(model.left(), 0);
      const live = await found();
      const outcome = await importTranscript(live.transcript, { folder, store, now, random });
      assert.ok(outcome.kind === 'imported', outcome.kind);
      assert.deepEqual(outcome.problems, []);
      assert.equal((await store.save(NAME, outcome.session, undefined)).kind, 'saved');
      assert.deepEqual(marksIn(await saved()), [MARKS.ask, MARKS.file, MARKS.answer]);

      const follower = await followTranscript({
        agent: real.id,
        transcript: live.transcript,
        folder,
        sessionId: outcome.session.body.session_id,
        from: outcome,
        store,
        now,
        onEvents: async (events) => {
          assert.equal((await store.append(NAME, events)).kind, 'appended');
        },
      });
      model.play([{ text: `As before. ${MARKS.answerAgain}` }]);
      await whileFollowed(follower, () => real.turn(run, `And now? ${MARKS.askAgain}`, live.nativeId));
      await follower.close();
      const again = await importTranscript((await found()).transcript, { folder, now, random });
      assert.ok(again.kind === 'imported', again.kind);
      const history = await saved();
      assert.deepEqual(history.map(comparable), again.session.history.map(comparable));
      assert.deepEqual(marksIn(history), ALL);
      const [request] = model.requests();
      assert.deepEqual(marksIn(request), [MARKS.ask, MARKS.file, MARKS.answer, MARKS.askAgain]);
    });

    /** Gives a session to an agent in a home of its own; what its model is asked next. */
    async function resumedIn(home: string, name: string, other: RealAgent): Promise<ModelRequest> {
      const target = await runOf(other, home);
      try {
        const to = agentById(other.id);
        other.configure?.(target.run);
        const given = await giveSession({ store, name, to, where: where(target.run), folder, now });
        const { nativeId, transcript, before } = mustBeGiven(given);
        assert.deepEqual(await nativeOf(other).validate(transcript), []);
        if (before !== undefined) await other.prepare?.(target.run, before);
        target.model.play([{ text: 'Fine.' }]);
        await other.turn(target.run, 'Go on.', nativeId);
        const [request, ...more] = target.model.requests();
        assert.ok(request && more.length === 0, `${more.length + (request ? 1 : 0)} requests`);
        assert.ok(JSON.stringify(request).includes('Go on.'));
        return request;
      } finally {
        await target.model[Symbol.asyncDispose]();
      }
    }
    async function runOf(other: RealAgent, home: string): Promise<{ run: AgentRun; model: PlayedModel }> {
      const played = await playModel(other.api);
      const at = path.join(dir, home);
      fs.mkdirSync(at, { recursive: true });
      return { run: { program: process.env[other.variable] ?? '', folder, home: at, url: played.url }, model: played };
    }

    it('is resumed in another home with its whole history', async function () {
      this.timeout(120_000);
      assert.deepEqual(marksIn(await resumedIn('home-2', NAME, real)), ALL);
    });

    it('is resumed from a fork at any message with the messages up to there, and no more', async function () {
      this.timeout(400_000);
      const history = await saved();
      // Where the tool was called, where it answered, and where the first turn ended.
      const ends = [MARKS.ask, MARKS.file, MARKS.answer].map(
        (mark) => history.findIndex((message) => marksIn(message).includes(mark)) + 1,
      );
      const call = history.findIndex(({ content }) => typeof content !== 'string' && content.some(isCall)) + 1;
      for (const messages of new Set([...ends, call])) {
        const name = `fork-${messages}`;
        const forked = await store.fork(NAME, { name, messages });
        assert.ok(forked.kind === 'forked', forked.kind);
        await forked.settled;
        const request = await resumedIn(`home-fork-${messages}`, name, real);
        assert.deepEqual(marksIn(request), marksIn(history.slice(0, messages)), `up to message ${messages}`);
      }
    });

    it(`is handed over to ${real.next}, which knows all of it`, async function () {
      this.timeout(120_000);
      const other = realAgents.find(({ id }) => id === real.next);
      assert.ok(other);
      if (process.env[other.variable] === undefined) skipBecause(this, `${other.variable} names no program`);
      assert.deepEqual(marksIn(await resumedIn('home-other', NAME, other)), ALL);
    });

    it('denies an edit of a file that was changed behind it, says why, and takes the edit after another look', async function () {
      this.timeout(240_000);
      const planned = await planInstall({
        agent: real.id as ProtectedAgent,
        scope: 'project',
        folder,
        where: where(run),
        command: [process.execPath, HOOK],
      });
      assert.ok(planned.kind === 'planned', planned.kind);
      assert.equal((await applyPlan(planned.plan)).kind, 'applied');
      if (real.id === 'opencode') stubPlugins(path.join(folder, '.opencode'));
      const theirs = `${fs.readFileSync(file(), 'utf8')}// somebody else's line\n`;
      const edit = real.edit(file(), '  return "Hello " + name;', '  return "Hi " + name;');
      model.play([
        { calls: [real.read(file())] },
        { calls: [edit], meanwhile: () => fs.writeFileSync(file(), theirs) },
        { calls: [real.read(file())], meanwhile: () => assert.equal(fs.readFileSync(file(), 'utf8'), theirs) },
        { calls: [edit] },
        { text: 'Done.' },
      ]);
      const { nativeId } = await found();
      await real.turn(run, 'Change the greeting.', nativeId);
      assert.equal(model.left(), 0);
      const [, , denied, , last] = model.requests();
      assert.match(lastOf(denied), /greet\.js[^"]*changed/);
      assert.match(lastOf(denied), /[Rr]ead it again/);
      assert.doesNotMatch(lastOf(last), /[Rr]ead it again/);
      const text = fs.readFileSync(file(), 'utf8');
      assert.ok(text.includes('"Hi "') && text.endsWith("// somebody else's line\n"), text);
    });

    it('is told when a shell command of its own changed a file that it had read', async function () {
      this.timeout(120_000);
      model.play([
        { calls: [real.read(file())] },
        { calls: [real.shell(`echo '// by a command' >> ${file()}`)] },
        { calls: [real.edit(file(), '// by a command', '// by an edit')] },
        { text: 'Done.' },
      ]);
      const { nativeId } = await found();
      await real.turn(run, 'Use a command.', nativeId);
      assert.equal(model.left(), 0);
      assert.match(lastOf(model.requests().at(-1)), /[Rr]ead it again/);
      assert.match(fs.readFileSync(file(), 'utf8'), /by a command/);
    });

    it('starts an MCP server that our words put into its project, and calls it', async function () {
      this.timeout(120_000);
      const server = { name: 'sessions', command: process.execPath, args: [ECHO] };
      const protectedAgent = real.id as ProtectedAgent;
      const config = mcpFile({ agent: protectedAgent, scope: 'project', folder, where: where(run) });
      assert.ok(config);
      const before = fs.existsSync(config) ? fs.readFileSync(config, 'utf8') : undefined;
      const merged = withMcpServer(protectedAgent, before, server);
      assert.ok(merged.kind === 'merged' && merged.text !== undefined, merged.kind);
      fs.mkdirSync(path.dirname(config), { recursive: true });
      fs.writeFileSync(config, merged.text);
      model.play([{ calls: [real.echo('MARK-ECHO')] }, { text: 'Done.' }]);
      await real.turn(run, 'Call it.');
      assert.equal(model.left(), 0);
      assert.match(lastOf(model.requests()[1]), /ECHO MARK-ECHO/);
      fs.rmSync(config);
      if (before !== undefined) fs.writeFileSync(config, before);
    });
  });
}

function makeFolder(folder: string): string {
  fs.mkdirSync(path.join(folder, 'src'), { recursive: true });
  fs.writeFileSync(
    path.join(folder, 'src/greet.js'),
    `// ${MARKS.file}\nexport function greet(name) {\n  return "Hello " + name;\n}\n`,
  );
  const author = ['-c', 'user.name=Greeter', '-c', 'user.email=greeter@example.invalid', '-c', 'commit.gpgsign=false'];
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    ['commit', '--quiet', '-m', 'A greeting'],
  ])
    assert.equal(spawnSync('git', [...author, ...args], { cwd: folder }).status, 0, args[0]);
  return folder;
}

/** Polls as a watcher would while an agent works, and once more when it is done. */
async function whileFollowed(follower: Follower, work: () => Promise<void>): Promise<void> {
  let working = true;
  const done = work().finally(() => {
    working = false;
  });
  while (working) {
    await follower.poll();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await done;
  await follower.poll();
}

function mustBeGiven(given: Given): Extract<Given, { readonly kind: 'given' }> {
  assert.ok(given.kind === 'given', JSON.stringify(given));
  return given;
}

function nativeOf({ id }: RealAgent): NativeForm {
  const { native } = agentById(id);
  assert.ok(native);
  return native;
}

/** What the model was told last: the answer to its call, and what the agent adds behind it. */
function lastOf(request: ModelRequest | undefined): string {
  const said = request?.messages ?? request?.input ?? request?.contents ?? [];
  return JSON.stringify(said.slice(-2)).slice(-4000);
}

const isCall = ({ type }: { readonly type: string }): boolean => type === 'tool_call';

/** A message without its place in bytes, and without what was moved into blobs. */
function comparable({ id, role, content }: Message): object {
  return { id, role, content };
}
