import assert from 'node:assert/strict';
import fc from 'fast-check';
import { messageMarkdown } from '../../src/cli/markdown.ts';
import { jsonText, plain, plainLine } from '../../src/cli/plain.ts';
import { reportText } from '../../src/cli/reportText.ts';
import { table } from '../../src/cli/shapes.ts';
import type { DriftReport } from '../../src/core/index.ts';
import { fragment } from './support/anyText.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2060-\u206f\u{e0000}-\u{e0fff}]/u;

describe('text for a terminal', () => {
  it('holds no control or direction character, whatever a session holds', () => {
    fc.assert(
      fc.property(fragment, (text) => {
        assert.doesNotMatch(plain(text), UNSAFE);
        assert.doesNotMatch(plainLine(text), /[\n\t]/);
        assert.doesNotMatch(table([[text, text]]), UNSAFE);
        assert.doesNotMatch(messageMarkdown({ id: text, role: 'user', content: text, timestamp: text }, 1), UNSAFE);
      }),
    );
  });

  it('as JSON means the same after parsing', () => {
    fc.assert(
      fc.property(fragment, (text) => {
        assert.doesNotMatch(jsonText({ [text]: text }), UNSAFE);
        assert.deepEqual(JSON.parse(jsonText([text])), [text]);
      }),
    );
  });

  it('closes a code block with a fence that its content does not hold', () => {
    const output = 'a\n````\nb';
    const text = messageMarkdown(
      { id: 'm1', role: 'tool', content: [{ type: 'tool_result', call_id: 't1', output }] },
      1,
    );
    assert.equal(text.match(/^`{5}$/gm)?.length, 2);
  });

  it('shows an output of a million backticks', () => {
    const part = { type: 'tool_result', call_id: 't1', output: '` '.repeat(1_000_000) };
    assert.match(messageMarkdown({ id: 'm1', role: 'tool', content: [part] }, 1), /^```$/m);
  });
});

describe('a table', () => {
  it('stays in line where characters are two columns wide, or none', () => {
    const lines = table([
      ['NAME', 'NOTE'],
      ['会话', 'x'],
      ['🎉 a', 'x'],
      ['e\u0301te', 'x'],
      ['abcde', 'x'],
    ]).split('\n');
    assert.deepEqual(lines, ['NAME   NOTE', '会话   x', '🎉 a   x', 'e\u0301te    x', 'abcde  x']);
  });
});

describe('drift report as text', () => {
  it('names what changed, and only counts fresh files', () => {
    const report: DriftReport = {
      config: [{ field: 'llm_model', saved: 'one', now: 'two' }],
      tools: [
        { tool: 'old', change: 'removed', usedBy: ['m1'] },
        {
          tool: 'edit',
          change: 'changed',
          effect: 'breaking',
          parameters: [{ parameter: 'options.limit', change: 'removed', effect: 'breaking' }],
          usedBy: [],
        },
      ],
      workspace: [{ field: 'branch', saved: 'main', now: undefined }],
      files: [
        { key: 'a.js', path: '/a.js', freshness: 'changed' },
        { key: 'b.js', path: '/b.js', freshness: 'touched' },
      ],
      notCompared: [],
    };
    assert.equal(
      reportText('cost', report),
      [
        'Changed since "cost" was saved:',
        'Configuration:',
        '  llm_model: one -> two',
        'Tools:',
        '  old: gone (used by 1 message)',
        '  edit: changed, breaking',
        '    options.limit: gone',
        'Workspace:',
        '  branch: main -> none',
        'Files:',
        '  a.js: changed since the session read it',
        '1 file as the session saw it.',
      ].join('\n'),
    );
  });
});
