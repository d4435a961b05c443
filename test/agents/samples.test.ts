import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { importTranscript } from '../../src/agents/index.ts';

const SAMPLES = resolve(import.meta.dirname, '../../../shared/samples');

/** Columns that an independent reader filled; see FORMATS 8. */
interface Expected {
  readonly path: string;
  readonly fields: ReadonlyMap<string, string>;
}

function readExpected(): readonly Expected[] {
  const [header, ...rows] = readFileSync(join(SAMPLES, 'EXPECTED.tsv'), 'utf8').trimEnd().split('\n');
  const names = (header ?? '').split('\t');
  return rows
    .map((row) => new Map(row.split('\t').map((value, index) => [names[index] ?? '', value])))
    .map((fields) => ({ path: fields.get('path') ?? '', fields }))
    .filter(({ path }) => /^(?:claude-code|codex)\//.test(path));
}

describe('the samples of Claude Code and Codex', () => {
  let folder: string;

  before(async function () {
    if (!existsSync(join(SAMPLES, 'EXPECTED.tsv'))) {
      console.log(`      skipped: there are no samples at ${SAMPLES}`);
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'holdfast-samples-'));
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  for (const { path, fields } of existsSync(join(SAMPLES, 'EXPECTED.tsv')) ? readExpected() : []) {
    it(`imports ${path} with the counts that were expected`, async () => {
      const outcome = await importTranscript(join(SAMPLES, path), {
        folder,
        now: () => 1_795_000_000_000,
        random: () => '0123456789abcdef',
      });
      assert.equal(outcome.kind, 'imported');
      if (outcome.kind !== 'imported') return;
      const { counts, problems } = outcome;
      assert.deepEqual(
        {
          user_prompts: counts.prompts,
          assistant_messages: counts.assistantMessages,
          tool_calls: counts.toolCalls,
          reads: counts.reads,
          full_reads: counts.fullReads,
          edits: counts.edits,
          tokens_in: counts.tokensIn,
          tokens_out: counts.tokensOut,
          bad_lines: problems.filter(isBadLine).length,
        },
        Object.fromEntries(
          [
            'user_prompts',
            'assistant_messages',
            'tool_calls',
            'reads',
            'full_reads',
            'edits',
            'tokens_in',
            'tokens_out',
            'bad_lines',
          ].map((name) => [name, Number(fields.get(name))]),
        ),
      );
      // The lists are cut off at 80 characters.
      assert.equal(counts.models.join(',').slice(0, 80), fields.get('models'));
      assert.equal(counts.versions.join(',').slice(0, 80), fields.get('agent_versions'));
      assert.equal(new Set(outcome.session.history.map((message) => message.id)).size, outcome.session.history.length);
    });
  }
});

/** A line that is no JSON object; what is odd about the content of one is told too, but is no bad line. */
function isBadLine(problem: { readonly code: string; readonly detail?: string }): boolean {
  return (
    problem.code === 'bad-json' ||
    problem.code === 'torn-line' ||
    (problem.code === 'bad-shape' && problem.detail === 'not an object')
  );
}
