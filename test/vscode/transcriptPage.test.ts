import assert from 'node:assert/strict';
import fc from 'fast-check';
import { workspace } from 'vscode';
import { pageMarkdown } from '../../src/vscode/views/transcriptPage.ts';

describe('The page of a transcript', () => {
  it('knows the line of every message, whatever the messages say', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '\n', '\r', '\r\n', '```', '## 2 · User', ' ', '\u2028', '漢'),
    });
    const content = fc.oneof(
      text,
      fc.array(
        fc.oneof(
          fc.record({ type: fc.constant('text'), text }),
          fc.record({ type: fc.constant('tool_result'), call_id: fc.constant('c'), output: text }),
        ),
        { maxLength: 3 },
      ),
    );
    const message = fc.record({ id: fc.uuid(), role: fc.constantFrom('user' as const, 'assistant' as const), content });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 5 }), fc.nat(9), async (messages, from) => {
        const page = pageMarkdown({ title: 'a', total: 20, from, messages });
        const document = await workspace.openTextDocument({ content: page.text, language: 'plaintext' });
        assert.deepEqual(
          page.lines.map(({ id, line }) => [id, document.lineAt(line).text.split(' · ')[0]]),
          messages.map(({ id }, i) => [id, `## ${from + i + 1}`]),
        );
      }),
      { numRuns: 30 },
    );
  });
});
