import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CLAUDE_LINES, keepClaude } from '../support/record/keepClaude.ts';
import { keepCodex, REMOVED } from '../support/record/keepCodex.ts';
import { sampleSessions } from '../support/record/sampleSessions.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

type Json = { readonly [key: string]: unknown };

function transcripts(agent: 'claude' | 'codex'): readonly { readonly name: string; readonly lines: readonly Json[] }[] {
  const folder = join(FIXTURES, 'sample', agent);
  return readdirSync(folder).map((name) => ({ name, lines: toLines(readFileSync(join(folder, name), 'utf8')) }));
}

function toLines(text: string): readonly Json[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Every text within a value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function projectTexts(): readonly string[] {
  return ['start', 'sample/project'].flatMap((project) =>
    readdirSync(join(FIXTURES, project), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
}

describe('the recorded sessions of the sample workspace', () => {
  const script = sampleSessions('/path/to/workspace');

  it('are those of the script', () => {
    const ids = [...transcripts('claude'), ...transcripts('codex')].map(({ name }) =>
      name.slice(-'.jsonl'.length - 36, -'.jsonl'.length),
    );
    assert.deepEqual(ids.sort(), script.map(({ id }) => id).sort());
  });

  it('of Claude Code have no line but those of the conversation, in one unbroken chain', () => {
    for (const { name, lines } of transcripts('claude')) {
      const seen = new Set<unknown>([null]);
      for (const line of lines) {
        assert.ok(CLAUDE_LINES.has(String(line['type'])), `${name}: ${line['type']}`);
        assert.notEqual(line['isMeta'], true);
        if (!('uuid' in line)) continue;
        assert.ok(seen.has(line['parentUuid']), `${name}: ${line['uuid']} hangs on nothing`);
        seen.add(line['uuid']);
      }
      assert.equal(lines.filter((line) => line['parentUuid'] === null).length, 1);
    }
  });

  it('of Claude Code say nothing but what the script, the project and its tests say', () => {
    const own = [...textsIn(script), ...projectTexts()].join('\n');
    const said = [
      /^The file \/path\/to\/workspace\/\S+ has been updated successfully\.$/,
      /^File created successfully at: \/path\/to\/workspace\/\S+$/,
      /^> (test|node --test)$/,
      /^✔ .+ \([\d.]+ms\)$/,
      /^ℹ \w+ [\d.]+$/,
    ];
    for (const { name, lines } of transcripts('claude'))
      for (const text of lines.flatMap(textsIn).flatMap((whole) => whole.split('\n'))) {
        // A line of a file has its number in front of it, one of a patch its sign.
        const bare = text.replace(/^\d+\t|^[-+ ]/, '');
        const known = !/\s/.test(text) || own.includes(text) || own.includes(bare);
        assert.ok(known || said.some((pattern) => pattern.test(text)), `${name}: ${text}`);
      }
  });

  it('of Codex have a marker in the place of its instructions', () => {
    for (const { lines } of transcripts('codex')) {
      for (const line of lines) {
        const payload = line['payload'] as Json;
        if (line['type'] === 'session_meta') assert.deepEqual(payload['base_instructions'], { text: REMOVED });
        if (line['type'] === 'world_state') assert.deepEqual(payload['state'], {});
        if (payload['role'] === 'developer')
          assert.deepEqual(payload['content'], [{ type: 'input_text', text: REMOVED }]);
      }
      for (const text of lines.flatMap(textsIn))
        assert.doesNotMatch(text, /<(?:permissions|skills)_?\s?instructions>|You are Codex/);
    }
  });

  it('name no place of the machine that recorded them', () => {
    for (const { name, lines } of [...transcripts('claude'), ...transcripts('codex')])
      for (const text of lines.flatMap(textsIn))
        assert.doesNotMatch(text.replaceAll('/path/to/workspace', ''), /\/(?:tmp|home|root|Users)\//, name);
  });
});

describe('what is kept of a recording', () => {
  const toText = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

  it('leaves out what is not of the conversation, and links what stood around it', () => {
    const kept = keepClaude(
      toText([
        { parentUuid: null, type: 'user', message: { content: 'go' }, uuid: '1' },
        { parentUuid: '1', type: 'attachment', attachment: { type: 'prompt_snapshot' }, uuid: '2' },
        { type: 'api-request', prompt: 'x' },
        { parentUuid: '2', type: 'user', isMeta: true, message: { content: 'x' }, uuid: '3' },
        { parentUuid: '3', type: 'assistant', message: { content: [{ type: 'text', text: 'gone' }] }, uuid: '4' },
      ]),
    );
    assert.deepEqual(
      toLines(kept).map((line) => [line['uuid'], line['parentUuid']]),
      [
        ['1', null],
        ['4', '1'],
      ],
    );
  });

  it('has results of tools without the notes that are meant for the model', () => {
    const result = (content: string): object => ({
      parentUuid: null,
      type: 'user',
      message: { content: [{ type: 'tool_result', content }] },
      uuid: '1',
    });
    const contents = [
      'The file /w/a has been updated successfully. (a note)',
      '1\tx (y)\n<system-reminder>\nmore\n</system-reminder>',
      'f(x)',
    ].map((content) => textsIn(toLines(keepClaude(toText([result(content)])))));
    assert.deepEqual(
      contents.map((texts) => texts.at(-2)),
      ['The file /w/a has been updated successfully.', '1\tx (y)', 'f(x)'],
    );
  });

  it('of Codex is every line', () => {
    const lines = [
      { type: 'session_meta', payload: { id: '1', base_instructions: { text: 'x' } } },
      { type: 'response_item', payload: { type: 'message', role: 'developer', content: [{ text: 'x' }] } },
      { type: 'response_item', payload: { type: 'message', role: 'user', content: [{ text: 'mine' }] } },
    ];
    assert.deepEqual(toLines(keepCodex(toText(lines))), [
      { type: 'session_meta', payload: { id: '1', base_instructions: { text: REMOVED } } },
      {
        type: 'response_item',
        payload: { type: 'message', role: 'developer', content: [{ type: 'input_text', text: REMOVED }] },
      },
      lines[2],
    ]);
  });
});
