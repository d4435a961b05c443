import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Agent,
  fileOf,
  handOver,
  importTranscript,
  type NativeForm,
  type NativeWritten,
} from '../../../../src/agents/index.ts';
import { isAbsolutePath } from '../../../../src/agents/paths.ts';
import { type Message, repairHistory } from '../../../../src/core/index.ts';
import { conversation, textsOf } from '../conversation.ts';
import { makePlace, type Place, putText, type Samples } from './sample.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

/** What must never come near a command line or a path. */
const NO_IDS = [
  '',
  ' ',
  '.',
  '..',
  '-x',
  '--help',
  '-p',
  '/etc/passwd',
  '../x',
  'a/b',
  'a\\b',
  'C:\\x',
  'a b',
  'a\nb',
  'a\0b',
  '$(id)',
  '`id`',
  'a;id',
  'a|id',
  'a&b',
  '%PATH%',
  '"',
  "'",
  '*',
  'x'.repeat(5000),
];

/** What an agent that can be given sessions promises. */
export function nativeForm(agent: Agent, form: NativeForm, { transcripts, broken = [] }: Samples): void {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => place.remove());

  const idOf = (seed: string): string => form.newId(NOW, createHash('sha256').update(seed).digest('hex'));

  async function read(transcript: string): Promise<readonly Message[]> {
    const outcome = await importTranscript(transcript, {
      agent,
      folder: place.folder,
      now: () => NOW,
      random: () => '0123456789abcdef',
    });
    if (outcome.kind !== 'imported') throw new Error(`${transcript}: ${outcome.kind}`);
    return outcome.session.history;
  }

  const target = (newId: string) => ({ folder: place.folder, newId, now: NOW, title: 'A title' });

  /** The neutral history of a transcript, as `write` takes it. */
  const ready = async (history: readonly Message[]): Promise<readonly Message[]> =>
    (await handOver(history, { from: agent.id, to: agent.id, accepts: form.accepts })).history;

  async function assertGood(written: NativeWritten): Promise<void> {
    assert.deepEqual(await form.validate(written.transcript), []);
    assert.ok(isAbsolutePath(written.transcript));
    assert.equal((await stat(fileOf(agent, written.transcript))).mode & 0o077, 0, 'only its user may read it');
    if (written.before !== undefined) return;
    assert.equal(await form.transcriptOf(place.where, written.nativeId, place.folder), written.transcript);
    // What a person opens by hand may lie anywhere.
    if (form.resumeCommand === undefined) return;
    const found = await agent.find(place.where, place.folder);
    assert.ok(
      found.some(({ nativeId }) => nativeId === written.nativeId),
      'the agent finds what was written',
    );
  }

  it('makes ids that are ids: the same for the same seed, others for others', () => {
    assert.equal(idOf('a'), idOf('a'));
    assert.notEqual(idOf('a'), idOf('b'));
    for (const ms of [0, NOW, 8.64e15, -1, Number.NaN]) assert.ok(form.isId(form.newId(ms, '0'.repeat(64))), `${ms}`);
    for (const seed of ['a', 'b', 'c']) assert.ok(form.isId(idOf(seed)));
  });

  it('takes no path, no flag and no word of a shell for an id', async () => {
    for (const text of NO_IDS) {
      assert.equal(form.isId(text), false, JSON.stringify(text));
      assert.throws(() => form.resumeCommand?.(text) ?? assert.fail('throws'), JSON.stringify(text));
      const write = form.write(place.where, { ...target(text), history: [{ id: 'm1', role: 'user', content: 'hi' }] });
      await assert.rejects(write, JSON.stringify(text));
    }
  });

  it('puts a first message where it is no flag, and starts a program by its name', function () {
    if (form.resumeCommand === undefined) return this.skip();
    const takes = form.withoutPrompt !== true;
    for (const prompt of ['--dangerously-skip-everything', '-x', 'plain words', '$(id)', '']) {
      if (form.withoutPrompt) break;
      const { command, args } = form.resumeCommand(idOf('a'), { prompt });
      assert.match(command, /^[a-z][a-z-]*$/);
      // Where a session is resumed without a first message, a person types it.
      if (!takes && prompt !== '') assert.ok(!args.join('\n').includes(prompt));
      if (!takes) continue;
      const index = args.findIndex((word) => word.trim() === prompt.trim() || word.endsWith(`=${prompt}`));
      const word = args[index];
      assert.ok(word !== undefined, `${prompt} is one word of ${JSON.stringify(args)}`);
      const isFlag = word.startsWith('-') && !/^--?[\w-]+=/.test(word);
      assert.ok(!isFlag || args.slice(0, index).includes('--'), JSON.stringify(args));
    }
    assert.ok(form.resumeCommand(idOf('a')).args.some((word) => word.endsWith(idOf('a'))));
    const { args: restored } = form.resumeCommand(idOf('a'), { model: 'a-model', provider: 'a-provider' });
    for (const field of form.restorable)
      assert.match(restored.join(' '), field === 'llm_model' ? /a-model/ : /a-provider/);
  });

  for (const sample of transcripts) {
    it(`forks ${sample.name} whole: the same conversation under a new id, the source as it was`, async () => {
      const raw = await sample.put(place.where, place.folder, 1);
      const before = await readFile(fileOf(agent, raw));
      const newId = idOf('fork');
      const written = await form.fork(place.where, { ...target(newId), raw });
      assert.equal(written.nativeId, newId);
      await assertGood(written);
      assert.deepEqual(await readFile(fileOf(agent, raw)), before);
      assert.equal(conversation(await read(written.transcript)), conversation(repairHistory(await read(raw)).history));
    });

    it(`forks ${sample.name} at each of its messages: those before it, and an answer for each open call`, async () => {
      const raw = await sample.put(place.where, place.folder, 1);
      const history = await read(raw);
      const isLines = agent.layout(raw).kind === 'lines';
      for (const [index, message] of history.entries()) {
        // A log of changes has no line that a message ends with: it is cut in the messages, not in the bytes.
        if (isLines && message.raw === undefined) continue;
        const cut = isLines ? { upTo: message.raw?.to ?? 0 } : { messages: index + 1 };
        const { transcript } = await form.fork(place.where, { ...target(idOf(`at ${index}`)), raw, ...cut });
        assert.deepEqual(await form.validate(transcript), [], `at message ${index + 1}`);
        const forked = await read(transcript);
        const [said, before] = [textsOf(forked), textsOf(history.slice(0, index + 1))];
        assert.deepEqual(said.slice(0, before.length), before, `at message ${index + 1}`);
        // Behind it only answers to what was open there: made up, or the real one where it is part of the same record.
        const open = before.filter((line) => isOpen(line, before)).map(resultOf);
        assert.deepEqual(said.slice(before.length).map(headOfLine).sort(), open.sort(), `behind message ${index + 1}`);
      }
    });

    it(`never writes over a session that is there: ${sample.name}`, async () => {
      const raw = await sample.put(place.where, place.folder, 1);
      const first = await form.fork(place.where, { ...target(idOf('taken')), raw });
      // What the agent has yet to take in waits, and may be made anew; what it has taken in may not.
      const [listed] = await agent.find(place.where, place.folder);
      const taken = first.before === undefined ? first : listed;
      if (taken === undefined) return;
      const file = fileOf(agent, taken.transcript);
      const before = await readFile(file);
      await assert.rejects(form.fork(place.where, { ...target(taken.nativeId), raw }), { code: 'EEXIST' });
      const history = await ready(await read(raw));
      await assert.rejects(form.write(place.where, { ...target(taken.nativeId), history }), { code: 'EEXIST' });
      assert.deepEqual(await readFile(file), before);
    });

    it(`writes ${sample.name} from plain messages, and reads it back with all that was said`, async () => {
      const raw = await sample.put(place.where, place.folder, 1);
      const history = await ready(await read(raw));
      const written = await form.write(place.where, { ...target(idOf('written')), history });
      await assertGood(written);
      assert.deepEqual(textsOf(await read(written.transcript)), textsOf(history));
    });
  }

  it('refuses to write a session in which nothing was said', async () => {
    await assert.rejects(form.write(place.where, { ...target(idOf('empty')), history: [] }));
    assert.equal(await form.transcriptOf(place.where, idOf('empty'), place.folder), undefined);
  });

  it('finds a file that is empty, torn, or something else', async () => {
    const [sample] = transcripts;
    const raw = await sample?.put(place.where, place.folder, 1);
    assert.ok(raw !== undefined);
    const { transcript } = await form.fork(place.where, { ...target(idOf('good')), raw });
    const text = await readFile(fileOf(agent, transcript), 'utf8');
    const ending = /\.[^./\\]+$/.exec(transcript)?.[0] ?? '';
    for (const bad of ['', '\0\0', '{', '[]', '{}', 'null', '# words', text.slice(0, Math.min(60, text.length / 4))]) {
      const file = await putText(join(place.root, `bad${ending}`), bad);
      assert.notDeepEqual(await form.validate(file), [], JSON.stringify(bad));
    }
  });

  for (const { name, code, breaks } of broken) {
    it(`finds ${name}`, async () => {
      const [sample] = transcripts;
      const raw = await sample?.put(place.where, place.folder, 1);
      assert.ok(raw !== undefined);
      const history = await ready(await read(raw));
      const { transcript } = await form.write(place.where, { ...target(idOf('good')), history });
      const good = await readFile(transcript, 'utf8');
      const bad = breaks(good);
      assert.notEqual(bad, good);
      // Beside the good one's folder, under its own name: some agents go by it.
      const file = await putText(join(place.root, 'broken', transcript.slice(place.root.length)), bad);
      assert.ok(
        (await form.validate(file)).some((problem) => problem.code === code),
        JSON.stringify(await form.validate(file)),
      );
    });
  }
}

const CALL = /^call (.*?): /;

function resultOf(call: string): string {
  return `result ${CALL.exec(call)?.[1]}`;
}

function isOpen(line: string, lines: readonly string[]): boolean {
  return CALL.test(line) && !lines.some((other) => other.startsWith(`${resultOf(line)}: `));
}

function headOfLine(line: string): string {
  return line.slice(0, line.indexOf(': '));
}
