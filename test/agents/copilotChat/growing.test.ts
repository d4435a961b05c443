import assert from 'node:assert/strict';
import { copilotChat } from '../../../src/agents/copilotChat/index.ts';
import type { SessionEvent } from '../../../src/core/index.ts';
import { fold } from '../support/transcripts.ts';

const AT = 1_795_000_000_000;
const asked = (name: string, fields: object = {}): object => ({
  requestId: `request_${name}`,
  timestamp: AT,
  message: { text: name, parts: [] },
  response: [{ value: `About ${name}.` }],
  ...fields,
});
const rounds = (id: string, name: string, input: object, output: string): object => ({
  metadata: {
    toolCallRounds: [{ response: '', toolCalls: [{ id, name, arguments: JSON.stringify(input) }] }],
    toolCallResults: { [id]: { $mid: 20, content: [{ $mid: 21, value: output }] } },
  },
});
const edit = { kind: 'textEditGroup', uri: { scheme: 'file', path: '/w/a' }, edits: [[]] };

/** The same log twice: asked after every entry, and at its end. */
function readTwice(entries: readonly object[]) {
  const [followed, whole] = [0, 1].map(() => copilotChat.reader({ transcript: '/x/chat.jsonl' }));
  assert.ok(followed !== undefined && whole !== undefined);
  const events: SessionEvent[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = { from: index, to: index + 1, number: index + 1 };
    for (const reader of [followed, whole]) reader.push(JSON.stringify(entry), place);
    events.push(...followed.takeEvents());
  }
  assert.deepEqual(fold(events), followed.messages());
  return { followed, whole, events };
}

describe('a chat of Copilot that grows', () => {
  it('has the same ids and words however often it is asked, also where requests are taken out, or come again', () => {
    const [a, b, c] = [asked('a'), asked('b'), asked('c')];
    const { followed, whole } = readTwice([
      { kind: 0, v: { requests: [a, b, c] } },
      { kind: 2, k: ['requests'], i: 0, v: [b, c] },
      { kind: 2, k: ['requests'], v: [a, b] },
      { kind: 1, k: ['requests', 1], v: asked('d') },
    ]);
    assert.deepEqual(followed.messages(), whole.messages());
    assert.deepEqual(
      whole.messages().flatMap(({ id, role }) => (role === 'user' ? [id] : [])),
      ['request_b', 'request_d', 'request_a', 'r4'],
    );
  });

  it('tells a call anew that was shown before its arguments were known, and counts it once', () => {
    const shown = { kind: 'toolInvocationSerialized', toolId: 'read_file', toolCallId: 'c1', isComplete: true };
    const { followed, whole } = readTwice([
      { kind: 0, v: { requests: [asked('a', { response: [{ ...shown, pastTenseMessage: 'text' }] })] } },
      { kind: 1, k: ['requests', 0, 'result'], v: rounds('c1', 'read_file', { filePath: '/w/a' }, 'text') },
    ]);
    assert.deepEqual(followed.messages()[1]?.content, [
      { type: 'tool_call', id: 'c1', name: 'read_file', input: { filePath: '/w/a' } },
    ]);
    assert.deepEqual(followed.messages(), whole.messages());
    assert.deepEqual(followed.counts(), whole.counts());
  });

  it('knows what it has seen of an edited file, though the log begins anew', () => {
    const created = rounds('c1', 'create_file', { filePath: '/w/a', content: 'new\n' }, 'done');
    const first = asked('a', { response: [edit] });
    const second = asked('b', { result: created });
    const { followed, whole } = readTwice([
      { kind: 0, v: { requests: [first] } },
      { kind: 2, k: ['requests'], v: [second] },
      { kind: 0, v: { requests: [first, second] } },
    ]);
    for (const reader of [followed, whole]) {
      const touch = reader.takeTouches().findLast(({ path }) => path === '/w/a');
      assert.deepEqual([touch?.op, touch?.text, touch?.messageId], ['write', 'new\n', 'request_b.1']);
    }
  });

  it('keeps the text of a file that was edited, though the same request says more', () => {
    const created = rounds('c1', 'create_file', { filePath: '/w/a', content: 'new\n' }, 'done');
    const { followed } = readTwice([
      { kind: 0, v: { requests: [asked('a', { response: [edit], result: created })] } },
      { kind: 2, k: ['requests', 0, 'response'], v: [{ value: 'Done.' }] },
    ]);
    assert.equal(followed.takeTouches().at(-1)?.text, 'new\n');
  });
});
