// The whole way of a session, as a person goes it. Its pictures are those of the README (npm run screenshots).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type OpenWorkbench, openWorkbench } from './openWorkbench.ts';
import { forReadme } from './workbench.ts';

const TITLE = 'Add a discount to the cart';
const NAME = 'cart-discount';
const FILE = 'src/cart.js';

describe('A session, from its agent to its fork', () => {
  let o: OpenWorkbench;
  const inFolder = (file: string): string => path.join(o.folder, file);
  const read = (file: string): string => fs.readFileSync(inFolder(file), 'utf8');
  const edit = { path: FILE, oldText: 'throw new RangeError', newText: 'throw new TypeError' };

  before(async () => {
    o = await openWorkbench();
  });
  after(() => o?.close());

  it('shows the live sessions of the folder', async () => {
    await o.w.openContainer('Sessions');
    await o.w.treeItem('Live').waitFor();
    if (forReadme) await o.w.widenSideBar(390);
    await o.w.treeItem(TITLE).waitFor();
    await o.w.shot('live');
  });

  it('saves a live session under a name', async () => {
    await o.w.inlineAction(o.w.treeItem(TITLE), 'Save Session');
    await o.w.input(NAME);
    await o.w.treeItem(NAME).waitFor();
    const saved = JSON.parse(read(`.sessions/${NAME}.json`));
    assert.equal(saved.name, NAME);
    assert.equal(saved.revision, 1);
    assert.ok(saved.history.length > 3);
  });

  it('reports on load which file changed since, with a diff against what the session saw', async () => {
    fs.writeFileSync(inFolder(FILE), `// Reviewed: totals are in cents.\n${read(FILE)}`);
    await o.w.contextMenu(o.w.treeItem(NAME), 'Load');
    const report = o.w.toast(`changed since ${NAME} was saved`);
    await report.waitFor();
    assert.match(await report.innerText(), /1 file/);
    await o.w.sideBar.getByRole('treeitem').getByText(FILE).first().waitFor();
    await o.w.shot('report');
    await o.w.picture('changes');
    await report.getByRole('button', { name: 'Continue', exact: true }).click();
    await o.w.statusItem('session').getByText('1 changed').waitFor();
    await o.w.sideBar.getByRole('treeitem').getByText(FILE).first().click();
    await o.w.tab('src/cart.js: what the session saw').waitFor();
    await o.w.page.getByText('// Reviewed: totals are in cents.').first().waitFor();
    await o.w.shot('diff');
    await o.w.picture('diff');
  });

  it('refuses an edit of the changed file, and tells the model and the user why', async () => {
    const before = read(FILE);
    const answer = await o.callTool('holdfast_editFile', edit);
    assert.match(answer, /^Conflict, nothing was written: src\/cart\.js changed since this session read it/);
    assert.match(answer, /Reviewed: totals are in cents/);
    assert.match(answer, /holdfast_readFile/);
    assert.equal(read(FILE), before);
    const conflict = o.w.toast('The edit was not made.');
    await conflict.waitFor();
    await o.w.shot('conflict');
    await o.w.picture('conflict');
    await conflict.getByRole('button', { name: 'Read Again' }).click();
  });

  it('makes the edit once the session has read the file again', async () => {
    // The user has read it again, the model has not: what it replaces as a whole it must have read.
    const whole = { path: FILE, content: '' };
    assert.match(
      await o.callTool('holdfast_writeFile', whole),
      /you have not read the whole of the version that is there/,
    );
    assert.match(read(FILE), /^\/\/ Reviewed/);
    await o.callTool('holdfast_readFile', { path: FILE });
    assert.match(await o.callTool('holdfast_editFile', edit), /src\/cart\.js was written/);
    assert.match(read(FILE), /^\/\/ Reviewed/);
    assert.match(read(FILE), /throw new TypeError/);
  });

  it('forks from the third message and shows the fork under its parent', async () => {
    await o.w.contextMenu(o.w.treeItem(NAME), 'Fork from Message');
    // The third message calls a tool; its result, the fourth, stays with it.
    const third = o.w.quickInput.locator('.monaco-list-row', { hasText: 'message 4' });
    await third.waitFor();
    await o.w.shot('fork-points');
    await third.click();
    await o.w.input('cart-fork');
    const fork = o.w.treeItem('cart-fork');
    await fork.waitFor();
    assert.equal(await fork.getAttribute('aria-level'), '3');
    assert.match(await fork.innerText(), /left at message 4/);
    await o.w.shot('fork');
    // Its parent's file changes once more: a badge says so.
    fs.appendFileSync(inFolder('src/price.js'), '// Rounding: half to even.\n');
    await o.w.statusItem('session').getByText('1 changed').waitFor();
    await o.w
      .treeItem(NAME)
      .locator('.monaco-decoration-iconBadge, .monaco-icon-label[class*="monaco-decoration-badge"]')
      .first()
      .waitFor();
    if (forReadme) {
      // So low that no path of this machine is in the transcript's first screen.
      await o.w.page.setViewportSize({ width: 920, height: 480 });
      await o.w.sideBar.locator('.pane-header', { hasText: 'Changes Since Save' }).click();
      await o.w.treeItem('cart-fork').click();
      await o.w.tab('cart-fork.md').waitFor();
    }
    await o.w.picture('sessions');
  });

  it('deletes the fork, and brings it back', async () => {
    await o.w.contextMenu(o.w.treeItem('cart-fork'), 'Delete');
    const deleted = o.w.toast('Deleted cart-fork.');
    await deleted.waitFor();
    assert.ok(!fs.existsSync(inFolder('.sessions/cart-fork.json')));
    await deleted.getByRole('button', { name: 'Undo' }).click();
    await o.w.treeItem('cart-fork').waitFor();
    const fork = JSON.parse(read('.sessions/cart-fork.json'));
    assert.equal(fork.message_count, 4);
    assert.equal(fork.parent.message, 4);
  });
});
