import assert from 'node:assert/strict';
import { open, stat } from 'node:fs/promises';
import fc from 'fast-check';
import { type Agent, detectAgent, fileOf, readerOptions } from '../../../../src/agents/index.ts';
import { isAbsolutePath } from '../../../../src/agents/paths.ts';
import { isMessage, type Message, type SessionEvent } from '../../../../src/core/index.ts';
import { fold, outline } from '../transcripts.ts';
import { makePlace, type Place, type PlacedRecord, readAll, recordsOf, type Samples } from './sample.ts';

/** Heads of files that are no agent's transcript. */
const STRANGERS = [
  '',
  '\ufeff',
  '{}',
  '[]',
  'null',
  '17',
  '"text"',
  '# A readme\n',
  '{"name":"package","version":"1.0.0"}',
  '{\n"schema":"holdfast/1",\n"session_id":"s-20261120-a3f2d8e1",\n"created_at":"2026-11-20T10:00:00.000Z",\n"agent_config":{},\n"read_cache":{},\n"history":[\n{"id":"m1","role":"user","content":"hi"}\n]}\n',
  '[1,2,3]',
  '[{"a":1}]',
  '{"messages":[]}',
  '\0\0\0\0',
  '{"type":',
];

/** What the reader of an agent promises for its own transcripts. */
export function reading(agent: Agent, { transcripts, others = [] }: Samples): void {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => place.remove());

  it('recognises its transcripts, and no stranger', async () => {
    for (const sample of transcripts) {
      const file = await sample.put(place.where, place.folder, 1);
      if (agent.layout(file).kind === 'rows') continue;
      assert.equal(agent.recognises(await headOf(file), file), true, sample.name);
    }
    for (const head of STRANGERS) assert.equal(agent.recognises(head, '/x/strange.json'), false, JSON.stringify(head));
  });

  it('has its transcripts detected as its own, and takes none of another agent', async () => {
    for (const sample of transcripts) {
      const file = await sample.put(place.where, place.folder, 1);
      // One that is not registered is asked by itself.
      const found = await detectAgent(file);
      if (others.some((other) => other.agent === agent)) assert.equal(found?.id, agent.id, sample.name);
      else if (found !== undefined) assert.fail(`${sample.name} is taken for one of ${found.id}`);
    }
    for (const other of others.filter((one) => one.agent !== agent)) {
      for (const sample of other.transcripts) {
        const file = await sample.put(place.where, place.folder, 1);
        if (other.agent.layout(file).kind === 'rows') continue;
        const before = others.findIndex((one) => one.agent === agent) < others.indexOf(other);
        if (before)
          assert.equal(agent.recognises(await headOf(file), file), false, `${other.agent.id}: ${sample.name}`);
      }
    }
  });

  for (const sample of transcripts) {
    describe(`of ${sample.name}`, () => {
      let file: string;
      let records: readonly PlacedRecord[];
      beforeEach(async () => {
        file = await sample.put(place.where, place.folder, 1);
        records = await recordsOf(agent, file);
      });

      it('reads the conversation, and counts it', async () => {
        const reader = await readAll(agent, file, records);
        assert.equal(outline(reader.messages()), sample.outline);
        const counts = reader.counts();
        for (const [name, value] of Object.entries(sample.counts))
          assert.deepEqual(counts[name as keyof typeof counts], value, name);
        assert.equal(reader.facts().source.agent, agent.id);
        assert.deepEqual(reader.problems(), []);
        const calls = reader.messages().flatMap(({ content }) => (typeof content === 'string' ? [] : content));
        assert.equal(counts.toolCalls, calls.filter(({ type }) => type === 'tool_call').length);
      });

      it('tells the same whenever it is asked in between', async () => {
        const whole = await readAll(agent, file, records);
        const options = await readerOptions(agent, file);
        fc.assert(
          fc.property(fc.array(fc.boolean(), { minLength: records.length, maxLength: records.length }), (asks) => {
            const reader = agent.reader(options);
            const events: SessionEvent[] = [];
            const touched = new Map<string, object>();
            const ask = (): void => {
              events.push(...reader.takeEvents());
              for (const touch of reader.takeTouches()) touched.set(touch.path, touch);
              assert.deepEqual(fold(events), reader.messages());
            };
            records.forEach(({ text, at }, index) => {
              reader.push(text, at);
              if (asks[index]) ask();
            });
            ask();
            assert.deepEqual(reader.takeEvents(), []);
            assert.deepEqual(reader.messages(), whole.messages());
            assert.deepEqual(reader.counts(), whole.counts());
            assert.deepEqual(reader.facts(), whole.facts());
            const last = agent.reader(options);
            for (const { text, at } of records) last.push(text, at);
            const all = new Map(last.takeTouches().map((touch) => [touch.path, touch]));
            assert.deepEqual([...touched.keys()].sort(), [...all.keys()].sort());
            for (const [path, touch] of all) assert.deepEqual(touched.get(path), touch);
          }),
          { numRuns: 20 },
        );
      });

      it('gives each message an id of its own, the same at the next reading', async () => {
        const [one, two] = [await readAll(agent, file, records), await readAll(agent, file, records)];
        assert.deepEqual(one.messages(), two.messages());
        assertSound(one.messages());
        const { size } = await stat(fileOf(agent, file));
        const isLines = agent.layout(file).kind === 'lines';
        for (const { id, raw } of one.messages()) {
          assert.ok(raw === undefined || isLines, `${id}: a place in bytes that means nothing`);
          if (raw !== undefined) assert.ok(0 <= raw.from && raw.from < raw.to && raw.to <= size, `${id}: ${raw.to}`);
        }
      });

      it('names files by absolute paths, or none where it knows no folder', async () => {
        const reader = await readAll(agent, file, records);
        const { cwd } = reader.facts();
        if (cwd !== undefined) assert.ok(isAbsolutePath(cwd), cwd);
        const ids = new Set(reader.messages().map(({ id }) => id));
        for (const { path, messageId } of reader.takeTouches()) {
          assert.ok(isAbsolutePath(path) || cwd === undefined, path);
          assert.ok(messageId === '' || ids.has(messageId), `${path} was touched in no message: ${messageId}`);
        }
      });
    });
  }
}

/** What every history is, whatever it was read from. */
export function assertSound(messages: readonly Message[]): void {
  assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length, 'ids are unique');
  for (const message of messages) assert.ok(isMessage(message), `no message: ${shown(message)}`);
}

function shown(message: unknown): string {
  try {
    return JSON.stringify(message).slice(0, 300);
  } catch {
    return 'it nests too deep to be shown';
  }
}

export async function headOf(file: string): Promise<string> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
  return buffer.toString('utf8', 0, bytesRead);
}
