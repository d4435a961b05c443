import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { CLAUDE_ID, claudeLines, placeClaude } from './support/claude.ts';
import { makePlace, type Place } from './support/cli.ts';
import { errorDocument, listDocument, marksDocument } from './support/shapes.ts';

describe('command line: tag, pin, archive', () => {
  let place: Place;
  beforeEach(async () => {
    place = makePlace();
    place.write('price.js', 'const price = 2;\n');
    placeClaude(place, claudeLines(place, 'price.js', 'const price = 2;\n'));
    assert.equal((await place.run(['save', `claude-code:${CLAUDE_ID}`, '--name', 'cost'])).code, 0);
  });
  afterEach(() => place.remove());

  const marks = async (...words: string[]) => {
    const { code, json, err } = await place.run([...words, '--json']);
    assert.equal(code, 0, err);
    return z.parse(marksDocument, json);
  };
  const row = async () => {
    const { sessions } = z.parse(listDocument, (await place.run(['list', '--json'])).json);
    return sessions[0];
  };

  it('adds tags and takes them away, whatever they begin with', async () => {
    assert.deepEqual((await marks('tag', 'cost', '+auth', 'höhe', '-none')).tags, ['auth', 'höhe']);
    assert.deepEqual((await marks('tag', 'cost', '-höhe', '+help')).tags, ['auth', 'help']);
    assert.deepEqual((await marks('tag', 'cost', '-help')).tags, ['auth']);
    assert.deepEqual((await marks('tag', 'cost', '+Vital')).tags, ['auth', 'Vital']);
    assert.deepEqual((await marks('tag', 'cost', '-Vital')).tags, ['auth']);
    assert.deepEqual((await marks('tag', 'cost', '-V')).tags, ['auth']);
    assert.deepEqual((await marks('tag', 'cost')).tags, ['auth']);
    assert.deepEqual((await row())?.tags, ['auth']);
    assert.match((await place.run(['list'])).out, /#auth/);
  });

  it('drops what came with a file and is no tag', async () => {
    const file = '.sessions/cost.json';
    place.write(file, place.text(file).replace(/^"name"/m, '"tags":["a\\u001b[2Jb","good"],\n"name"'));
    assert.deepEqual((await row())?.tags.length, 2);
    assert.deepEqual((await marks('tag', 'cost', '+new')).tags, ['good', 'new']);
  });

  it('refuses what is no tag, and changes nothing then', async () => {
    const { code, json } = await place.run(['tag', 'cost', 'good', 'a\nb', '--json']);
    assert.deepEqual([code, z.parse(errorDocument, json).error.code], [1, 'invalid-tag']);
    assert.deepEqual((await row())?.tags, []);
    assert.equal((await place.run(['tag', 'none', 'x'])).code, 1);
  });

  it('pins a session and archives it, and both back', async () => {
    await marks('pin', 'cost');
    await marks('archive', 'cost');
    assert.deepEqual([(await row())?.pinned, (await row())?.archived], [true, true]);
    await marks('unpin', 'cost');
    await marks('unarchive', 'cost');
    assert.deepEqual([(await row())?.pinned, (await row())?.archived], [false, false]);
  });

  it('pins a message by its number or id', async () => {
    const { pinned_messages: ids, pinned } = await marks('pin', 'cost', '--message', '2');
    assert.deepEqual([ids.length, pinned], [1, false]);
    assert.deepEqual((await marks('pin', 'cost', '--message', ids[0] ?? '')).pinned_messages, ids);
    assert.equal((await marks('pin', 'cost', '--message', '1')).pinned_messages.length, 2);
    assert.equal((await marks('unpin', 'cost', '--message', '2')).pinned_messages.length, 1);
    const { code, json } = await place.run(['pin', 'cost', '--message', '99', '--json']);
    assert.deepEqual([code, z.parse(errorDocument, json).error.code], [1, 'no-such-message']);
  });
});
