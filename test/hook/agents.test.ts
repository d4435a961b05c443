import assert from 'node:assert/strict';
import fs from 'node:fs';
import { ALL, type Calls } from './support/calls.ts';
import { type Desk, makeDesk } from './support/desk.ts';

const BEFORE = 'one\ntwo\n';

for (const [agent, make] of Object.entries(ALL)) {
  describe(`the hook of ${agent}`, () => {
    let desk: Desk;
    let calls: Calls;
    let file: string;
    beforeEach(async () => {
      desk = makeDesk();
      calls = make(desk.folder);
      file = desk.write('src/a.js', BEFORE);
      assert.equal(await desk.run(calls.start('new')), '');
    });
    afterEach(() => {
      assert.deepEqual(desk.log, []);
      desk.remove();
    });
    const read = () => desk.run(calls.read(file, fs.readFileSync(file, 'utf8')));
    const edit = () => desk.run(calls.edit('before', file, 'one', 'eins'));

    it('is silent at an edit of a file that is what the session read, also where it was only touched', async () => {
      assert.equal(await read(), '');
      assert.equal(await edit(), '');
      fs.utimesSync(file, 1, 1);
      assert.equal(await edit(), '');
    });

    it('denies an edit of a file that changed since, in words that tell what to do', async () => {
      await read();
      fs.appendFileSync(file, '// by somebody else\n');
      const reason = calls.denied(await edit());
      assert.match(reason ?? '', /src\/a\.js has changed since this session read it \(read .+Z, changed .+Z\)/);
      assert.match(reason ?? '', /Read it again, then repeat the edit\.$/);
    });

    it('lets the edit through once the file was read again, and the next one after it', async () => {
      await read();
      fs.appendFileSync(file, '// by somebody else\n');
      assert.ok(calls.denied(await edit()));
      await read();
      assert.equal(await edit(), '');
      desk.write('src/a.js', 'eins\ntwo\n// by somebody else\n');
      assert.equal(await desk.run(calls.edit('after', file, 'one', 'eins')), '');
      assert.equal(await desk.run(calls.edit('before', file, 'two', 'zwei')), '');
    });

    it('denies an edit and a write of a file that the session never read', async () => {
      assert.match(calls.denied(await edit()) ?? '', /exists, and this session has not read it\. Read it first/);
      assert.match(calls.denied(await desk.run(calls.write('before', file, 'new\n'))) ?? '', /has not read it/);
    });

    it('lets a new file be written, and knows it then', async () => {
      const made = desk.path('b.js');
      assert.equal(await desk.run(calls.write('before', made, 'new\n')), '');
      desk.write('b.js', 'new\n');
      assert.equal(await desk.run(calls.write('after', made, 'new\n')), '');
      assert.equal(await desk.run(calls.edit('before', made, 'new', 'newer')), '');
      fs.appendFileSync(made, 'x');
      assert.ok(calls.denied(await desk.run(calls.edit('before', made, 'new', 'newer'))));
    });

    it('notices a shell command that changes a file, tells the model once, and denies the next edit', async () => {
      await read();
      desk.write('src/a.js', 'ONE\ntwo\n');
      const shell = calls.shell('after', 'sed -i s/one/ONE/ src/a.js');
      assert.match(calls.told(await desk.run(shell)) ?? '', /src\/a\.js \(changed\)/);
      assert.equal(await desk.run(shell), '');
      assert.ok(calls.denied(await edit()));
      await read();
      assert.equal(await edit(), '');
    });

    it('takes what a shell command shows for read', async () => {
      assert.equal(await desk.run(calls.shell('after', 'cat src/a.js', BEFORE)), '');
      assert.equal(await edit(), '');
    });

    it('writes news at the end of a turn, beside the sessions where the folder has some', async () => {
      fs.mkdirSync(desk.path('.sessions'));
      assert.equal(await desk.run(calls.turnEnd()), '');
      const news = JSON.parse(desk.read('.sessions/hooks/news.jsonl'));
      assert.equal(news.agent, agent);
      assert.equal(news.event, 'turn-end');
      assert.equal(fs.statSync(desk.path('.sessions/hooks/news.jsonl')).mode & 0o777, 0o600);
    });
  });
}
