import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { skipBecause } from '../support/skip.ts';
import { makePlace, type Place } from './support/cli.ts';
import { savedDocument } from './support/shapes.ts';

const samples = path.join(import.meta.dirname, '../../../shared/samples');

describe('command line: every recorded transcript', function () {
  this.timeout(60_000);
  let place: Place;
  before(function () {
    if (!fs.existsSync(samples)) skipBecause(this, 'no ../shared/samples here');
    place = makePlace();
  });
  after(() => place?.remove());

  it('of HelloAgents imports as it is', async () => {
    const root = path.join(samples, 'helloagents');
    const files = fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const ran = await place.run(['import', path.join(root, file), '--json']);
      assert.equal(ran.code, 0, ran.out);
      const { messages } = z.parse(savedDocument, ran.json);
      assert.equal(messages, JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).history.length);
    }
  });

  for (const agent of ['claude-code', 'codex']) {
    it(`of ${agent} imports, or is refused with a reason`, async () => {
      const files = fs
        .readdirSync(path.join(samples, agent), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.jsonl'));
      assert.ok(files.length > 0);
      const refused: string[] = [];
      for (const file of files) {
        const ran = await place.run(['import', path.join(samples, agent, file), '--json']);
        if (ran.code === 0) z.parse(savedDocument, ran.json);
        else refused.push(`${file}: ${ran.out}`);
      }
      assert.deepEqual(refused, []);
    });
  }
});
