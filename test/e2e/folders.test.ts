// A window with two folders, each with its sessions and its settings.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type OpenWorkbench, openWorkbench } from './openWorkbench.ts';

const NAME = 'cart-discount';

describe('With two folders', () => {
  let o: OpenWorkbench;
  let docs: string;

  before(async () => {
    o = await openWorkbench({
      opens({ folder }) {
        docs = path.join(folder, '../docs');
        fs.mkdirSync(path.join(docs, '.vscode'), { recursive: true });
        fs.writeFileSync(path.join(docs, '.vscode/settings.json'), '{ "holdfast.folder": ".kept" }');
        const file = path.join(folder, '../two.code-workspace');
        fs.writeFileSync(file, JSON.stringify({ folders: [{ path: folder }, { path: docs }] }));
        return file;
      },
    });
  });
  after(() => o?.close());

  it('sessions stand under the folder that they belong to', async () => {
    await o.w.openContainer('Sessions');
    await o.w.treeItem('shop, workspace folder').waitFor();
    await o.w.inlineAction(o.w.treeItem('Add a discount to the cart'), 'Save Session');
    await o.w.input(NAME);
    await o.w.treeItem(NAME).waitFor();
    assert.ok(fs.existsSync(path.join(o.folder, `.sessions/${NAME}.json`)));
    fs.cpSync(path.join(o.folder, '.sessions'), path.join(docs, '.kept'), { recursive: true });
    await o.w.command('Sessions: Refresh');
    const rows = o.w.treeItem(`${NAME},`);
    await rows.nth(1).waitFor();
    assert.deepEqual(
      (await o.w.treeLabels()).filter((label) => ['shop', 'docs', NAME].includes(label)),
      ['shop', NAME, 'docs', NAME],
    );
    await o.w.shot('two-folders');
  });

  it('a session of the second folder is loaded, compared and changed there', async () => {
    const second = o.w.treeItem(`${NAME},`).nth(1);
    await second.click();
    await o.w.page.keyboard.press('F2');
    await o.w.input('moved');
    await o.w.treeItem('moved,').waitFor();
    assert.ok(fs.existsSync(path.join(docs, '.kept/moved.json')));
    assert.ok(fs.existsSync(path.join(o.folder, `.sessions/${NAME}.json`)));
    await o.w.contextMenu(o.w.treeItem('moved,'), 'Load');
    // The files that it read are in the other folder.
    await o.w
      .toast('files and the folder changed since moved was saved')
      .getByRole('button', { name: 'Continue', exact: true })
      .click();
    assert.match(await o.callTool('holdfast_writeFile', { path: 'new.txt', content: 'new\n' }), /new\.txt was created/);
    assert.equal(fs.readFileSync(path.join(docs, 'new.txt'), 'utf8'), 'new\n');
    assert.ok(!fs.existsSync(path.join(o.folder, 'new.txt')));
    assert.ok(!fs.existsSync(path.join(docs, '.sessions')));
  });
});
