import assert from 'node:assert/strict';
import fc from 'fast-check';
import { claudeCodeReader } from '../../src/agents/claudeCode/reader.ts';
import { applyPatch, parsePatch } from '../../src/agents/codex/applyPatch.ts';
import { codexReader } from '../../src/agents/codex/reader.ts';
import { applyHunks, replaceText } from '../../src/agents/patches.ts';
import { resolvePath } from '../../src/agents/paths.ts';
import { shellReads } from '../../src/agents/shell.ts';
import type { FileTouch } from '../../src/core/index.ts';
import { answered, asked, called, codexMeta, item, printed, pushAll, ran, resulted } from './support/transcripts.ts';

const summary = (touches: readonly FileTouch[]) =>
  touches.map(
    ({ path, op, full, text }) =>
      `${op} ${path}${full ? ' full' : ''}${text === undefined ? '' : ` ${JSON.stringify(text)}`}`,
  );

/** The touches of one call after another, each a tool, its input, its result's text and its `toolUseResult`. */
function claude(
  calls: readonly [name: string, input: object, text: string, detail?: unknown, failed?: true][],
): string[] {
  const reader = claudeCodeReader({ transcript: '/t' });
  const lines: object[] = [asked('u1', null, 'go')];
  let parent = 'u1';
  calls.forEach(([name, input, text, detail, failed], index) => {
    const [call, result] = [`a${index * 2 + 2}`, `r${index * 2 + 3}`];
    lines.push(answered(call, parent, `m${index}`, [called(`t${index}`, name, input)]));
    lines.push(
      resulted(result, call, `t${index}`, text, {
        toolUseResult: detail,
        ...(failed === undefined ? {} : { is_error: true }),
      }),
    );
    parent = result;
  });
  pushAll(reader, lines);
  return summary(reader.takeTouches());
}
const whole = (text: string) => ({
  type: 'text',
  file: {
    filePath: '/w/a',
    content: text,
    numLines: text.split('\n').length,
    startLine: 1,
    totalLines: text.split('\n').length,
  },
});

describe('the file touches of Claude Code', () => {
  it('know the text of a whole read, and of one whose record is missing from the numbered lines', () => {
    assert.deepEqual(claude([['Read', { file_path: '/w/a' }, '1\tx\n2\t', whole('x\n')]]), ['read /w/a full "x\\n"']);
    assert.deepEqual(
      claude([['Read', { file_path: '/w/a' }, '     1→x\n     2→\n\n<system-reminder>\nmind\n</system-reminder>\n']]),
      ['read /w/a full "x\\n"'],
    );
    assert.deepEqual(claude([['Read', { file_path: '/w/a' }, 'no numbers']]), ['read /w/a full']);
  });

  it('take a part for a part, and as confirmation of what is known', () => {
    const part = (content: string) => ({
      type: 'text',
      file: { filePath: '/w/a', content, numLines: 1, startLine: 2, totalLines: 3 },
    });
    assert.deepEqual(claude([['Read', { file_path: '/w/a', offset: 2, limit: 1 }, '2\ty', part('y')]]), ['read /w/a']);
    const before: [string, object, string, unknown] = ['Read', { file_path: '/w/a' }, '', whole('x\ny\n')];
    const read = (content: string) =>
      claude([before, ['Read', { file_path: '/w/a', offset: 2, limit: 1 }, '', part(content)]]);
    assert.deepEqual(read('y'), ['read /w/a full "x\\ny\\n"']);
    // Another text at that place takes nothing back: the file will be found changed.
    assert.deepEqual(read('z'), ['read /w/a full "x\\ny\\n"']);
  });

  it('know the text after an edit from the original, else from what was known', () => {
    const detail = {
      filePath: '/w/a',
      oldString: 'x',
      newString: 'y',
      originalFile: 'x\n',
      structuredPatch: [],
      userModified: false,
    };
    assert.deepEqual(claude([['Edit', { file_path: '/w/a', old_string: 'x', new_string: 'y' }, 'ok', detail]]), [
      'edit /w/a full "y\\n"',
    ]);
    const blind: [string, object, string] = ['Edit', { file_path: '/w/a', old_string: 'x', new_string: 'y' }, 'ok'];
    assert.deepEqual(claude([['Write', { file_path: '/w/a', content: 'x!' }, 'ok'], blind]), ['edit /w/a full "y!"']);
    assert.deepEqual(claude([blind]), ['edit /w/a']);
    // Two places and one meant: which one is not recorded.
    assert.deepEqual(claude([['Write', { file_path: '/w/a', content: 'x x' }, 'ok'], blind]), ['edit /w/a']);
  });

  it('take the patch where the user changed the proposal', () => {
    const structuredPatch = [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ['-x', '+mine'] }];
    const detail = { oldString: 'x', newString: 'y', originalFile: 'x\n', structuredPatch, userModified: true };
    assert.deepEqual(claude([['Edit', { file_path: '/w/a', old_string: 'x', new_string: 'y' }, 'ok', detail]]), [
      'edit /w/a full "mine\\n"',
    ]);
  });

  it('apply several edits in turn', () => {
    const edits = [
      { old_string: 'a', new_string: 'b' },
      { old_string: 'b', new_string: 'c', replace_all: true },
    ];
    assert.deepEqual(claude([['MultiEdit', { file_path: '/w/a', edits }, 'ok', { originalFileContents: 'ab' }]]), [
      'edit /w/a full "cc"',
    ]);
  });

  it('leave out what failed, and what was only listed', () => {
    assert.deepEqual(
      claude([
        ['Read', { file_path: '/w/a' }, 'no such file', 'Error: no such file', true],
        ['Grep', { pattern: 'x', path: '/w' }, '/w/a'],
      ]),
      [],
    );
  });
});

function codex(lines: readonly object[]): string[] {
  const reader = codexReader({ transcript: '/r' });
  pushAll(reader, [codexMeta(), ...lines]);
  return summary(reader.takeTouches());
}
const patched = (id: string, patch: string, output = 'Exit code: 0\nOutput:\nSuccess.') => [
  item({ type: 'custom_tool_call', name: 'apply_patch', input: patch, call_id: id }),
  item({ type: 'custom_tool_call_output', call_id: id, output }),
];

describe('the file touches of Codex', () => {
  it('know the text that a lone cat printed, or a sed or head that reached the end', () => {
    assert.deepEqual(codex([ran('c', 'cat a.js'), printed('c', 'x\n')]), ['read /work/shop/a.js full "x\\n"']);
    assert.deepEqual(codex([ran('c', "sed -n '1,200p' a.js"), printed('c', 'x\n')]), [
      'read /work/shop/a.js full "x\\n"',
    ]);
    assert.deepEqual(codex([ran('c', "sed -n '1,1p' a.js"), printed('c', 'x\n')]), ['read /work/shop/a.js']);
    assert.deepEqual(codex([ran('c', 'cat a.js && ls'), printed('c', 'x\nb\n')]), ['read /work/shop/a.js full']);
    assert.deepEqual(codex([ran('c', 'cat a.js'), printed('c', 'x\n…100 tokens truncated…y\n')]), [
      'read /work/shop/a.js full',
    ]);
  });

  it('leave out commands that failed', () => {
    const output = item({
      type: 'function_call_output',
      call_id: 'c',
      output: 'Exit code: 1\nOutput:\ncat: no such file',
    });
    assert.deepEqual(codex([ran('c', 'cat a.js'), output]), []);
  });

  it('know the text of an added file, and of an update of a known one', () => {
    const add = '*** Begin Patch\n*** Add File: n.js\n+one\n+two\n*** End Patch';
    const update = '*** Begin Patch\n*** Update File: n.js\n@@\n one\n-two\n+zwei\n*** End Patch';
    assert.deepEqual(codex(patched('a', add)), ['write /work/shop/n.js full "one\\ntwo\\n"']);
    assert.deepEqual(codex([...patched('a', add), ...patched('b', update)]), [
      'edit /work/shop/n.js full "one\\nzwei\\n"',
    ]);
    assert.deepEqual(codex(patched('b', update)), ['edit /work/shop/n.js']);
  });

  it('see a patch in a here-document, a deleted file and a moved one', () => {
    const script =
      "apply_patch <<'EOF'\n*** Begin Patch\n*** Delete File: old.js\n*** Update File: a.js\n*** Move to: b.js\n@@\n-x\n+y\n*** End Patch\nEOF";
    assert.deepEqual(codex([ran('c', script), printed('c', 'Success.')]), [
      'delete /work/shop/old.js full',
      'delete /work/shop/a.js full',
      'edit /work/shop/b.js',
    ]);
  });

  it('leave out a patch that did not apply', () => {
    assert.deepEqual(
      codex(patched('a', '*** Begin Patch\n*** Add File: n\n+x\n*** End Patch', 'apply_patch verification failed: x')),
      [],
    );
  });

  it('take the changes that Codex reports itself, with absolute paths', () => {
    const change = {
      type: 'FileChange',
      id: 'a',
      status: 'completed',
      changes: { '/work/shop/n.js': { type: 'add', content: 'x\n' } },
    };
    const [call, output] = patched('a', '*** Begin Patch\n*** Add File: n.js\n+x\n*** End Patch');
    assert.deepEqual(
      codex([
        call as object,
        { type: 'event_msg', payload: { type: 'item_completed', item: change } },
        output as object,
      ]),
      ['write /work/shop/n.js full "x\\n"'],
    );
  });
});

describe('the shell commands that read files', () => {
  const files = (script: string) =>
    shellReads(script).map(({ path, full, folders }) => [...folders, path, full ? 'full' : 'part'].join(' '));
  for (const [script, expected] of [
    ['cat a b', ['a full', 'b full']],
    ['cat \'a b.js\' "c d"', ['a b.js full', 'c d full']],
    ['nl -ba x | sed -n 1,20p', ['x part']],
    ["sed -n '1,20p' x", ['x part']],
    ['head -n 5 x; tail -20 y', ['x part', 'y part']],
    ['cd sub && cat x', ['sub x full']],
    ['cat x 2>/dev/null || true', ['x full']],
    ['cat > x <<EOF\ncat y\nEOF', []],
    ['cat x > y', []],
    ['rg foo | head -5', []],
    ['sed -i s/a/b/ x', []],
    ['echo cat x', []],
  ] as const) {
    it(`are read from ${JSON.stringify(script)}`, () => assert.deepEqual(files(script), expected));
  }

  it('never throw, whatever the script', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('cat', ' ', "'", '"', '\\', '|', '&', ';', '\n', '<', '>', 'x', '-n') }),
        (script) => void shellReads(script),
      ),
    );
  });
});

describe('patches', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });
  it('replace only what is certain', () => {
    assert.equal(replaceText('a b', 'b', '$&', false), 'a $&');
    assert.equal(replaceText('b b', 'b', 'c', false), undefined);
    assert.equal(replaceText('b b', 'b', 'c', true), 'c c');
    assert.equal(replaceText('aaa', 'aa', 'b', false), undefined);
  });

  it('give the new text back, or nothing', () => {
    fc.assert(
      fc.property(lines, lines, lines, lines, (head, old, now, tail) => {
        const before = [...head, ...old, ...tail].join('\n');
        const hunk = {
          start: head.length + 1,
          lines: [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)],
        };
        assert.equal(applyHunks(before, [hunk]), [...head, ...now, ...tail].join('\n'));
        assert.equal(applyHunks(`z\n${before}`, [{ ...hunk, lines: ['-no such line'] }]), undefined);
      }),
    );
  });

  it('of Codex end with a newline and need every old line to be there', () => {
    const [patch] = parsePatch('*** Begin Patch\n*** Update File: x\n@@ one\n-two\n+2\n*** End Patch\n');
    assert.ok(patch);
    assert.equal(applyPatch('two\none\ntwo', patch), 'two\none\n2\n');
    assert.equal(applyPatch('one\nthree\n', patch), undefined);
    assert.deepEqual(parsePatch('no patch'), []);
  });
});

describe('paths of other systems', () => {
  for (const [cwd, path, expected] of [
    ['/w', 'a/../b', '/w/b'],
    ['C:\\w', 'a\\b', 'C:\\w\\a\\b'],
    ['/w', 'c:\\x\\y', 'c:\\x\\y'],
    ['file:///w', 'a', '/w/a'],
    [undefined, 'a', undefined],
    ['/w', 'a\0b', undefined],
  ] as const) {
    it(`resolves ${JSON.stringify(path)} in ${cwd}`, () => assert.equal(resolvePath(cwd, path), expected));
  }
});
