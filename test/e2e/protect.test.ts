// A person and an agent on the same files: what each of them sees, and that nothing of either is lost.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type OpenWorkbench, openWorkbench } from './openWorkbench.ts';
import { forReadme, type Workbench } from './workbench.ts';

const TITLE = 'Add a discount to the cart';
const NAME = 'cart-discount';
const FILE = 'src/cart.js';
const TYPED = '// Ask Ada about rounding.';

describe('A person and an agent on the same files', () => {
  let o: OpenWorkbench;
  let w: Workbench;
  const inFolder = (file: string): string => path.join(o.folder, file);
  const read = (file: string): string => fs.readFileSync(inFolder(file), 'utf8');
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.invalid', '-c', 'commit.gpgsign=false'];
    const { status, stderr } = spawnSync('git', [...identity, ...args], { cwd: o.folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  };
  const edit = (oldText: string, newText: string): Promise<string> =>
    o.callTool('holdfast_editFile', { path: FILE, oldText, newText });

  before(async () => {
    // In a browser VS Code saves by itself.
    o = await openWorkbench({ settings: { 'files.autoSave': 'off' } });
    ({ w } = o);
    await w.openContainer('Sessions');
    if (forReadme) await w.widenSideBar(300);
    await w.inlineAction(w.treeItem(TITLE), 'Save Session');
    await w.input(NAME);
    await w.contextMenu(w.treeItem(NAME), 'Load');
    await w.statusItem('session').getByText(NAME).waitFor();
  });
  after(() => o?.close());

  it('an edit does not overwrite what the person has typed and not saved', async () => {
    const onDisk = read(FILE);
    await w.openFile(FILE);
    await w.page.locator('.view-line', { hasText: 'export function createCart' }).click();
    await w.page.keyboard.press('Control+End');
    await w.page.keyboard.type(TYPED);
    await w.page.locator('.view-line', { hasText: TYPED }).waitFor();
    const answer = await edit('throw new RangeError', 'throw new TypeError');
    assert.match(answer, /^Conflict, nothing was written: src\/cart\.js has unsaved changes/);
    assert.equal(read(FILE), onDisk);
    const conflict = w.toast('has unsaved changes that the session has not seen');
    await conflict.waitFor();
    assert.match(await w.editorText(), new RegExp(TYPED));
    await w.shot('unsaved conflict');
    await w.picture('unsaved');
  });

  it('merges the edit into the editor, where both did not change the same lines', async () => {
    await w.toast('has unsaved changes').getByRole('button', { name: 'Merge', exact: true }).click();
    await w.page.locator('.view-line', { hasText: 'throw new TypeError' }).first().waitFor();
    assert.match(await w.editorText(), new RegExp(TYPED));
    await w.shot('merged');
    await w.page.keyboard.press('Control+S');
    await w.page.locator('.tab.active:not(.dirty)').waitFor();
    assert.match(read(FILE), /throw new TypeError/);
    assert.match(read(FILE), new RegExp(TYPED));
    await w.statusItem('session').getByText('changed').waitFor({ state: 'detached' });
  });

  it('names the three sides where both changed the same line', async () => {
    // The model reads what the merge made, and then the person rewrites the very line that it edits.
    assert.match(await o.callTool('holdfast_readFile', { path: FILE }), /TypeError/);
    const theirs = read(FILE).replace("'a discount is 0 to 100 percent'", "'0 to 100 percent'");
    fs.writeFileSync(inFolder(FILE), theirs);
    const answer = await edit("'a discount is 0 to 100 percent'", "'a discount is between 0 and 100 percent'");
    assert.match(answer, /^Conflict, nothing was written: src\/cart\.js changed since this session read it/);
    assert.equal(read(FILE), theirs);
    const conflict = w.toast('The edit was not made.');
    await conflict.waitFor();
    assert.equal(await conflict.getByRole('button', { name: 'Merge', exact: true }).count(), 0);
    await w.shot('overlapping conflict');
    await conflict.getByRole('button', { name: 'Resolve…' }).click();
    for (const side of ['What the session read', 'Now', 'The session’s edit'])
      await w.page.locator('.merge-editor', { hasText: side }).waitFor();
    await w.shot('merge editor');
  });

  it('marks the files that a git checkout made stale, in the Explorer and on their tabs', async () => {
    await w.command('View: Close All Editors');
    git('add', '--all', 'src');
    git('commit', '--quiet', '-m', 'What we have');
    git('checkout', '--quiet', '-b', 'vat');
    fs.writeFileSync(inFolder(FILE), `// Totals are with VAT.\n${read(FILE)}`);
    fs.writeFileSync(inFolder('src/price.js'), `${read('src/price.js')}\nexport const VAT = 0.2;\n`);
    git('commit', '--quiet', '--all', '-m', 'Totals with VAT');
    git('checkout', '--quiet', 'main');
    for (const file of [FILE, 'src/price.js']) await o.callTool('holdfast_readFile', { path: file });
    await w.statusItem('session').getByText('changed').waitFor({ state: 'detached' });
    git('checkout', '--quiet', 'vat');
    await w.statusItem('session').getByText('2 changed').waitFor();
    await w.openFile(FILE);
    await w.openContainer('Explorer');
    for (const file of ['cart.js', 'price.js'])
      await w.sideBar
        .getByRole('treeitem', { name: new RegExp(`^${file}`) })
        .getByText(/≠/)
        .or(w.sideBar.locator(`[aria-label*="${file}"][aria-label*="${NAME}"]`))
        .first()
        .waitFor();
    await w.shot('stale badges');
    await w.picture('badges');
  });

  it('briefs the agent on what changed since', async () => {
    await w.openContainer('Sessions');
    await w.command('Sessions: Continue with Briefing…');
    await w.pick('Read and Edit First');
    await w.page.locator('.view-line', { hasText: 'Totals are with VAT.' }).first().waitFor();
    await w.page.locator('.view-line', { hasText: 'You are resuming' }).first().waitFor();
    assert.match(await w.editorText(), /src\/cart\.js/);
    await w.shot('briefing');
    // In a small window the rest is further down.
    await w.page.locator('.view-line', { hasText: 'You are resuming' }).first().click();
    await w.page.keyboard.press('Control+End');
    await w.page.locator('.view-line', { hasText: 'Totals with VAT' }).first().waitFor();
  });

  it('tells a second window who drives the session', async () => {
    const second = await o.another();
    await second.openContainer('Sessions');
    await second.contextMenu(second.treeItem(NAME), 'Load');
    await second.quickItem('Follow Read-Only').waitFor();
    await second.shot('second window');
    await second.pick('Follow Read-Only');
    await second.statusItem('session').getByText('following').waitFor();
  });
});
