import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { agentById } from '../../src/agents/index.ts';
import type { Message } from '../../src/core/index.ts';

describe('A chat that was written for Copilot Chat', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'holdfast-chat-'));
  });
  after(() => rm(home, { recursive: true }));

  it('is opened by VS Code itself, with all that was said and what its calls gave back', async () => {
    const history: readonly Message[] = [
      { id: 'a', role: 'user', content: 'Look at x' },
      {
        id: 'b',
        role: 'assistant',
        content: [
          { type: 'text', text: 'Reading.' },
          { type: 'tool_call', id: 'call_1', name: 'read_file', input: { filePath: '/x' } },
        ],
      },
      { id: 'c', role: 'tool', content: [{ type: 'tool_result', call_id: 'call_1', output: 'what x says' }] },
      { id: 'd', role: 'assistant', content: 'That is x.' },
    ];
    const native = agentById('copilot-chat').native;
    assert.ok(native);
    const newId = native.newId(1_795_000_000_000, 'ab'.repeat(32));
    const { transcript } = await native.write({ home }, { folder: home, newId, now: 1_795_000_000_000, history });
    await vscode.commands.executeCommand('workbench.action.chat.import', { inputPath: vscode.Uri.file(transcript) });

    const exported = join(home, 'exported.json');
    await vscode.commands.executeCommand('workbench.action.chat.export', vscode.Uri.file(exported));
    const { requests } = JSON.parse(await readFile(exported, 'utf8'));
    assert.equal(requests.length, 1);
    assert.equal(requests[0].message.text, 'Look at x');
    const { toolCallRounds, toolCallResults } = requests[0].result.metadata;
    assert.deepEqual(
      toolCallRounds.map((round: { response: string }) => round.response),
      ['Reading.', 'That is x.'],
    );
    assert.equal(toolCallResults.call_1.content[0].value, 'what x says');
  });
});
