// Gemini CLI deletes sessions that were resumed (AGENT-CLIS 4): what was saved brings them back.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agentById, giveSession, importTranscript } from '../../src/agents/index.ts';
import { openStore } from '../../src/core/index.ts';
import { geminiApi } from '../support/record/modelApis.ts';
import { type PlayedModel, playModel } from '../support/record/playModel.ts';
import { type AgentRun, runGemini } from '../support/record/runAgent.ts';
import { skipBecause } from '../support/skip.ts';

const now = (): number => Date.now();
const random = (): string => randomBytes(8).toString('hex');

describe('A session that the real Gemini CLI has deleted', () => {
  let dir: string;
  let model: PlayedModel;
  let run: AgentRun;

  before(async function () {
    const { HOLDFAST_NO_AGENTS: why, HOLDFAST_GEMINI: program } = process.env;
    if (why !== undefined) skipBecause(this, why);
    if (program === undefined) skipBecause(this, 'HOLDFAST_GEMINI does not name the program of Gemini CLI');
    dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-loss-')));
    const [folder, home] = [path.join(dir, 'project'), path.join(dir, 'home')];
    for (const one of [folder, home]) fs.mkdirSync(one);
    model = await playModel(geminiApi);
    run = { program, folder, home, url: model.url };
  });
  after(async () => {
    await model?.[Symbol.asyncDispose]();
    if (dir !== undefined) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  });

  async function turn(prompt: string, resumed: readonly string[] = []): Promise<string> {
    model.play([{ text: `Answer to ${prompt}` }]);
    await runGemini(run, ['-p', prompt, ...resumed]);
    return JSON.stringify(model.requests()[0]?.contents);
  }

  it('is restored under its own id, and outlives the same cleaning', async function () {
    this.timeout(120_000);
    const { folder, home } = run;
    const gemini = agentById('gemini');
    const store = openStore({ folder, now, random });
    await turn('MARK-FIRST');
    const [live] = await gemini.find({ home }, folder);
    assert.ok(live);
    const outcome = await importTranscript(live.transcript, { folder, store, now, random });
    assert.ok(outcome.kind === 'imported', outcome.kind);
    assert.equal((await store.save('kept', outcome.session, undefined)).kind, 'saved');

    // Resumed in another minute than it was begun in, it is deleted by the start after that.
    fs.renameSync(live.transcript, live.transcript.replace(/T\d\d-\d\d/, 'T00-01'));
    await turn('MARK-LOST', ['--resume', live.nativeId]);
    await runGemini(run, ['--list-sessions']);
    assert.equal(await gemini.native?.transcriptOf({ home }, live.nativeId, folder), undefined);

    const given = await giveSession({ store, name: 'kept', to: gemini, where: { home }, folder, now });
    assert.ok(given.kind === 'given', JSON.stringify(given));
    assert.equal(given.nativeId, live.nativeId);
    for (const mark of ['MARK-SECOND', 'MARK-THIRD']) {
      const sent = await turn(mark, ['--resume', live.nativeId]);
      assert.match(sent, /MARK-FIRST.*Answer to MARK-FIRST/);
      await runGemini(run, ['--list-sessions']);
    }
    assert.match(await turn('MARK-LAST', ['--resume', live.nativeId]), /MARK-FIRST.*MARK-SECOND.*MARK-THIRD/);
    await store.close();
  });
});
