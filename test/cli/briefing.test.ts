import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { firstMessage, windowsWord } from '../../src/cli/startAgent.ts';
import { openStore } from '../../src/core/index.ts';
import { skipBecause } from '../support/skip.ts';
import { CLAUDE_ID, claudeLines, placeClaude } from './support/claude.ts';
import { makePlace, type Place } from './support/cli.ts';
import { briefingDocument, checkDocument, errorDocument, recoveredDocument } from './support/shapes.ts';

describe('command line: briefing', () => {
  let place: Place;
  beforeEach(async () => {
    place = makePlace();
    place.write('price.js', 'const price = 2;\n');
    placeClaude(place, claudeLines(place, 'price.js', 'const price = 2;\n'));
    assert.equal((await place.run(['save', `claude-code:${CLAUDE_ID}`, '--name', 'cost'])).code, 0);
  });
  afterEach(() => place.remove());

  const briefing = async (...more: string[]): Promise<z.infer<typeof briefingDocument>> => {
    const ran = await place.run(['briefing', 'cost', '--json', ...more]);
    assert.equal(ran.code, 0, ran.out);
    return z.parse(briefingDocument, ran.json);
  };

  it('says that there is nothing to say', async () => {
    assert.deepEqual(await briefing(), { name: 'cost', text: null, characters: 0 });
    assert.equal((await place.run(['briefing', 'cost'])).out, 'Nothing has changed since "cost" was saved.\n');
  });

  it('shows what became of a file that the transcript recorded, and changes nothing', async () => {
    place.write('price.js', 'const price = 3;\n');
    const before = fs.readdirSync(path.join(place.folder, '.sessions')).sort();
    const { text, characters } = await briefing();
    assert.match(text ?? '', /- `price\.js`: 1 line added, 1 removed; see below\n/);
    assert.match(text ?? '', /```diff\n@@ -1,1 \+1,1 @@\n-const price = 2;\n\+const price = 3;\n```\n/);
    assert.equal(text?.length, characters);
    assert.equal((await place.run(['briefing', 'cost'])).out, text);
    assert.deepEqual(fs.readdirSync(path.join(place.folder, '.sessions')).sort(), before);
  });

  it('keeps to the length it is given', async () => {
    place.write('price.js', `${'const price = 3;\n'.repeat(100)}`);
    const { characters } = await briefing('--max-characters', '400');
    assert.ok(characters > 0 && characters <= 400, String(characters));
  });

  it('takes tools from a tools/list answer of MCP as it is, and names the calls that are affected', async () => {
    place.write(
      'saved.json',
      JSON.stringify([{ name: 'Read', schema: { type: 'object', properties: { limit: {} } } }]),
    );
    const tools = JSON.parse(place.text('saved.json'));
    const store = openStore({
      folder: place.folder,
      sessionsFolder: '.sessions',
      now: Date.now,
      random: () => 'f'.repeat(16),
    });
    await store.append('cost', [{ type: 'tools', tools, tool_schema_hash: '' }]);
    await store.close();
    const answer = { jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'Read', inputSchema: { type: 'object' } }] } };
    place.write('now.json', JSON.stringify(answer));
    const check = z.parse(checkDocument, (await place.run(['check', 'cost', '--tools', 'now.json', '--json'])).json);
    assert.deepEqual(
      check.tools.map(({ tool, effect, used_by }) => [tool, effect, used_by?.length]),
      [['Read', 'breaking', 1]],
    );
    assert.match(
      (await briefing('--tools', 'now.json')).text ?? '',
      /- `Read`: calls as before may fail: `limit` is gone\n/,
    );
    place.write('now.json', JSON.stringify({ ...answer.result, nextCursor: 'more' }));
    const page = await place.run(['briefing', 'cost', '--tools', 'now.json', '--json']);
    assert.equal(z.parse(errorDocument, page.json).error.code, 'bad-json');
  });

  it('finds where a file went, and check says so', async () => {
    fs.mkdirSync(path.join(place.folder, 'lib'));
    fs.renameSync(path.join(place.folder, 'price.js'), path.join(place.folder, 'lib/cost.js'));
    const ran = await place.run(['check', 'cost', '--json']);
    assert.equal(ran.code, 3);
    const [file] = z.parse(checkDocument, ran.json).files;
    assert.deepEqual([file?.freshness, file?.moved_to], ['moved', 'lib/cost.js']);
    assert.match((await place.run(['check', 'cost'])).out, /price\.js: moved to lib\/cost\.js/);
    assert.match((await briefing()).text ?? '', /- `price\.js`: moved to `lib\/cost\.js`\n/);
  });

  it('lists the displaced versions that were kept', async () => {
    assert.deepEqual((await place.run(['recovered', '--json'])).json, { recovered: [] });
    assert.match((await place.run(['recovered'])).out, /^No displaced versions/);
    place.write('price.js', 'theirs\n');
    const written = await place.run(['write', 'cost', 'price.js', '--force'], { input: 'ours\n' });
    assert.equal(written.code, 0, written.err);
    const { recovered } = z.parse(recoveredDocument, (await place.run(['recovered', '--json'])).json);
    assert.deepEqual(
      recovered.map(({ name, bytes, file }) => [name, bytes, fs.readFileSync(file, 'utf8')]),
      [['price.js', 7, 'theirs\n']],
    );
    // The whole path, since it is there to be copied.
    const { out } = await place.run(['recovered']);
    assert.ok(out.trimEnd().endsWith(`  ${recovered[0]?.file}`), out);
  });
});

describe('a first message where a shell starts the agent', () => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
    fs.mkdirSync(path.join(place.folder, '.sessions'));
  });
  afterEach(() => place.remove());

  const context = () => ({
    store: openStore({ folder: place.folder, sessionsFolder: '.sessions', now: Date.now, random: () => 'ab' }),
    folder: place.folder,
    sessionsFolder: '.sessions',
    io: { random: () => 'ab' } as never,
  });

  it('lies in a file of the sessions folder that the message names, until the agent has ended', async () => {
    const text = 'a "quoted" %PATH% & more\n';
    const first = await firstMessage(context(), text, 'win32');
    assert.ok(!('kind' in first));
    assert.equal(first.prompt, 'Read the file .sessions/briefings/ab.md first. It says what has changed.');
    assert.equal(windowsWord(first.prompt), `"${first.prompt}"`);
    assert.equal(place.text('.sessions/briefings/ab.md'), text);
    await first.remove();
    assert.deepEqual(fs.readdirSync(path.join(place.folder, '.sessions/briefings')), []);
  });

  it('is not written through a link', async function () {
    if (process.platform === 'win32') skipBecause(this, 'links need a privilege there');
    const outside = path.join(place.dir, 'outside');
    fs.mkdirSync(outside);
    fs.symlinkSync(outside, path.join(place.folder, '.sessions/briefings'));
    const first = await firstMessage(context(), 'text', 'win32');
    assert.ok('kind' in first && first.code === 'not-a-file');
    assert.deepEqual(fs.readdirSync(outside), []);
  });

  it('is made of words that the shell takes as they are', () => {
    assert.equal(windowsWord('--resume'), '--resume');
    assert.equal(windowsWord('model_provider=corp'), '"model_provider=corp"');
    for (const file of ['C:\\Users\\me\\x.json', 'C:\\Users\\RUNNER~1\\Ann (work)\\höhe + x\\ses_1.json'])
      assert.equal(windowsWord(file), `"${file}"`);
    for (const word of ['C:\\x\\', 'a&b', 'a|b', '%PATH%', 'a"b', 'a^b', '!a!', 'a\nb', '<a', '']) {
      assert.throws(() => windowsWord(word), word);
    }
  });
});
