import assert from 'node:assert/strict';
import fs from 'node:fs';
import { message, useWorkspace } from './workspace.ts';

/** The size of what is really written and read; a merge check takes the time for more. */
const MEGABYTES = process.env['CI'] ? 100 : 6;

/** How long others wait meanwhile is measured by test/bench/hugeFiles.ts. */
describe('a huge file', function () {
  this.timeout(60_000);
  const workspace = useWorkspace();

  it('that another program wrote on one line opens at its last messages, and is listed with their count', async () => {
    const { store, root, file } = workspace();
    fs.mkdirSync(root);
    const text = '"]}\\ 会话 '.repeat(1000);
    const count = Math.ceil((MEGABYTES << 20) / Buffer.byteLength(JSON.stringify(message('m', text))));
    const fd = fs.openSync(file('a.json'), 'w');
    fs.writeSync(fd, '{"history":[');
    for (let n = 0; n < count; n++) fs.writeSync(fd, `${n === 0 ? '' : ','}${JSON.stringify(message(`m${n}`, text))}`);
    fs.writeSync(fd, '],"created_at":"2026","session_id":"s-1"}');
    fs.closeSync(fd);
    const opened = await store.open('a');
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const { document } = opened;
    assert.deepEqual([document.messageCount, document.readOnly, document.problems], [count, false, []]);
    const last = await document.messages(count - 2, count);
    assert.deepEqual(last, [message(`m${count - 2}`, text), message(`m${count - 1}`, text)]);
    await document.close();
    const [row] = await store.list();
    assert.deepEqual([row?.head?.session_id, row?.head?.message_count, row?.problems], ['s-1', count, []]);
  });

  it('of one message opens, and gives that message', async () => {
    const { store, write } = workspace();
    const text = 'x\\"'.repeat((MEGABYTES << 20) / 6);
    write('a.json', JSON.stringify({ session_id: 's-1', created_at: '2026', history: [message('m1', text)] }));
    const opened = await store.open('a');
    if (opened.kind !== 'open') throw new Error(opened.kind);
    const [only] = await opened.document.messages(0, 1);
    await opened.document.close();
    assert.equal(only?.content, text);
  });

  it('of 200 MB is listed by its first and last bytes, among the others', async () => {
    const { store, root, file } = workspace();
    fs.mkdirSync(root);
    const sizes = new Map([
      ['small', 300],
      ['huge', 200 << 20],
      ['more than a string holds', 600 << 20],
    ]);
    const end = '"}\n]}\n';
    for (const [name, size] of sizes) {
      const fd = fs.openSync(file(`${name}.json`), 'w');
      const head = `"session_id":"${name}",\n"created_at":"2026",\n"message_count":7`;
      fs.writeSync(fd, `{\n"schema":"holdfast/1",\n${head},\n"history":[\n{"id":"m1","role":"user","content":"`);
      // A hole of the disk: as long as any other file, and nothing to write.
      fs.writeSync(fd, end, size - end.length);
      fs.closeSync(fd);
    }
    const rows = await store.list();
    assert.deepEqual(
      new Map(rows.map(({ name, bytes, head, problems }) => [name, [bytes, head?.message_count, problems]])),
      new Map([...sizes].map(([name, size]) => [name, [size, 7, []]])),
    );
  });
});
