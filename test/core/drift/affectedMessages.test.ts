import assert from 'node:assert/strict';
import { affectedMessages, type Message, type SessionDocument, withCallers } from '../../../src/core/index.ts';

/** A document of these messages that notes which pages were read. */
function documentOf(history: readonly Message[], pages: number[] = []): SessionDocument {
  return {
    name: 'x',
    body: { session_id: 's', created_at: '' },
    messageCount: history.length,
    readOnly: false,
    recovered: { events: 0, of: 0 },
    problems: [],
    messages: (from, to) => {
      pages.push(to - from);
      return Promise.resolve(history.slice(from, to));
    },
    toSession: () => Promise.reject(new Error('the whole history was asked for')),
    close: () => Promise.resolve(),
  };
}

const calls = (id: string, ...names: string[]): Message => ({
  id,
  role: 'assistant',
  content: names.map((name, index) => ({ type: 'tool_call', id: `${id}-${index}`, name, input: {} })),
});

describe('messages that call a tool', () => {
  it('are found by the names of their calls, with their numbers, page by page', async () => {
    const history = Array.from({ length: 130 }, (_, index) =>
      index % 60 === 7
        ? calls(`m${index}`, 'edit', 'read', 'edit')
        : { id: `m${index}`, role: 'user' as const, content: 'x' },
    );
    const pages: number[] = [];
    const affected = await affectedMessages(documentOf(history, pages), ['edit', 'other']);
    assert.deepEqual(affected, [
      { id: 'm7', number: 8, tools: ['edit'] },
      { id: 'm67', number: 68, tools: ['edit'] },
      { id: 'm127', number: 128, tools: ['edit'] },
    ]);
    assert.deepEqual(pages, [50, 50, 30]);
  });

  it('are not looked for where no tool is asked for', async () => {
    const pages: number[] = [];
    assert.deepEqual(await affectedMessages(documentOf([calls('m1', 'edit')], pages), []), []);
    assert.deepEqual(pages, []);
  });

  it('may be of tools with the names of prototypes, and of calls whose shape is damaged', async () => {
    const damaged = { id: 'm2', role: 'assistant', content: [{ type: 'tool_call', name: 3 }] } as unknown as Message;
    const affected = await affectedMessages(documentOf([calls('m1', '__proto__'), damaged]), ['__proto__', 'toString']);
    assert.deepEqual(affected, [{ id: 'm1', number: 1, tools: ['__proto__'] }]);
    assert.deepEqual(withCallers([{ tool: '__proto__', change: 'removed', usedBy: [] }], affected), [
      { tool: '__proto__', change: 'removed', usedBy: ['m1'] },
    ]);
  });

  it('are looked for no longer once nobody waits', async () => {
    const leave = new AbortController();
    const document = documentOf(Array.from({ length: 200 }, (_, index) => calls(`m${index}`, 'edit')));
    const pages: number[] = [];
    const leaving: SessionDocument = {
      ...document,
      messages: (from, to) => {
        pages.push(from);
        leave.abort(new Error('left'));
        return document.messages(from, to);
      },
    };
    await assert.rejects(affectedMessages(leaving, ['edit'], { signal: leave.signal }), /left/);
    assert.deepEqual(pages, [0]);
  });
});
