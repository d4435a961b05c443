// A folder that nobody trusts yet: sessions are listed and read, and nothing is written.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type OpenWorkbench, openWorkbench } from './openWorkbench.ts';

const TITLE = 'Add a discount to the cart';
const NO = 'In Restricted Mode sessions can only be listed and read.';

describe('In Restricted Mode', () => {
  let o: OpenWorkbench;

  before(async () => {
    o = await openWorkbench({
      workspaceTrust: true,
      settings: {
        'security.workspace.trust.enabled': true,
        'security.workspace.trust.startupPrompt': 'never',
        'security.workspace.trust.banner': 'never',
      },
    });
  });
  after(() => o?.close());

  it('sessions can be read', async () => {
    await o.w.openContainer('Sessions');
    await o.w.treeItem(TITLE).click();
    await o.w.tab(TITLE).waitFor();
    await o.w.page.getByText('taken off the whole sum').first().waitFor();
    await o.w.shot('restricted');
  });

  it('nothing is saved, and the way out is offered', async () => {
    await o.w.inlineAction(o.w.treeItem(TITLE), 'Save Session');
    await o.w.toast(NO).waitFor();
    assert.ok(!fs.existsSync(path.join(o.folder, '.sessions')));
    await o.w.toast(NO).getByRole('button', { name: 'Manage Trust' }).click();
    await o.w.tab('Workspace Trust').waitFor();
  });

  it('a model that calls a tool is told that no session is active', async () => {
    assert.match(await o.callTool('holdfast_writeFile', { path: 'a.txt', content: '' }), /No session is active/);
    assert.ok(!fs.existsSync(path.join(o.folder, 'a.txt')));
  });
});
