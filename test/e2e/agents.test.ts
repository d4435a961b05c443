// Sessions of several agents in one list: marked, searched, handed over to another agent, and protected.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { growTranscript } from '../support/growTranscript.ts';
import { type OpenWorkbench, openWorkbench } from './openWorkbench.ts';
import { forReadme } from './workbench.ts';

const TITLE = 'Add a discount to the cart';
const NAME = 'cart-discount';
const THEMES = ['Dark Modern', 'Light Modern', 'Dark High Contrast', 'Light High Contrast'];

const isCart = (file: string): boolean =>
  file.endsWith('.jsonl') && fs.readFileSync(file, 'utf8').includes('src/cart.js');

describe('Sessions of several agents', () => {
  let o: OpenWorkbench;

  before(async () => {
    o = await openWorkbench();
    // Room enough for the lines that are looked for.
    if (forReadme) await o.w.page.setViewportSize({ width: 920, height: 800 });
    const claude = fs.readdirSync(o.env.CLAUDE_CONFIG_DIR, { recursive: true, encoding: 'utf8' });
    const transcript =
      claude.map((name) => path.join(o.env.CLAUDE_CONFIG_DIR, name)).find((name) => isCart(name)) ?? '';
    for (let turn = 1; turn <= 12; turn++) growTranscript(transcript, `And what of case ${turn}?`);
  });
  after(() => o?.close());

  /** The same picture in every kind of theme. */
  async function shots(name: string): Promise<void> {
    for (const theme of THEMES) {
      await o.w.command('Preferences: Color Theme');
      await o.w.input(theme);
      await o.w.quickInput.waitFor({ state: 'hidden' });
      await o.w.shot(`${name} ${theme}`);
    }
    await o.w.command('Preferences: Color Theme');
    await o.w.input('Dark Modern');
  }
  const saved = (name: string) => JSON.parse(fs.readFileSync(path.join(o.folder, `.sessions/${name}.json`), 'utf8'));

  it('are listed under their agents', async () => {
    await o.w.openContainer('Sessions');
    await o.w.treeItem('Claude Code, 2 sessions').waitFor();
    await o.w.treeItem('Codex, 2 sessions').waitFor();
    assert.equal(await o.w.treeItem(TITLE).getAttribute('aria-level'), '3');
    for (const [title, name] of [
      [TITLE, NAME],
      ['Login limit', 'login-limit'],
      ['How are prices kept', 'prices'],
    ] as const) {
      const question = o.w.quickInput.getByText(`Save ${title}`);
      // While VS Code paints the view anew it does not know which row is clicked: then the command asks.
      for (;;) {
        await o.w.inlineAction(o.w.treeItem(title), 'Save Session');
        await question.or(o.w.quickInput.locator('[placeholder="The live session to save"]')).waitFor();
        if (await question.isVisible()) break;
        await o.w.page.keyboard.press('Escape');
      }
      // The name that is offered comes a moment after the question, and would replace what is typed.
      while ((await o.w.quickBox.inputValue()) === '') await o.w.page.waitForTimeout(20);
      await o.w.input(name);
      await o.w.treeItem(name).waitFor();
    }
    await o.w.shot('agents');
  });

  it('are tagged with what is typed', async () => {
    await o.w.contextMenu(o.w.treeItem('prices'), 'Tag…');
    await o.w.quickBox.fill('money');
    await o.w.quickItem('money').waitFor();
    await o.w.shot('tag');
    await o.w.quickBox.press('Enter');
    await o.w.sideBar.getByText('#money').waitFor();
    await o.w.contextMenu(o.w.treeItem(NAME), 'Tag…');
    await o.w.quickItem('money').waitFor();
    await o.w.input('money');
    await o.w.treeItem(NAME).getByText('#money').waitFor();
  });

  it('are pinned, which puts them first, and archived, which puts them away', async () => {
    await o.w.contextMenu(o.w.treeItem('prices'), 'Pin');
    await o.w.treeItem('prices, saved session, pinned').waitFor();
    await o.w.contextMenu(o.w.treeItem('login-limit'), 'Archive');
    await o.w.treeItem('Archived sessions').waitFor();
    const labels = await o.w.treeLabels();
    assert.deepEqual(labels.slice(labels.indexOf('Saved')), ['Saved', 'prices', NAME, 'Archived']);
    const archived = o.w.treeItem('login-limit');
    // While the view is painted anew it takes no clicks.
    while (!(await archived.isVisible())) await o.w.expand('Archived sessions');
    await shots('pinned and archived');
  });

  it('are filtered while somebody types, and all there again after Clear Filter', async () => {
    await o.w.viewAction('Filter');
    await o.w.quickBox.pressSequentially('#money');
    await o.w.sideBar.getByText('2 of 7 sessions match “#money”.').waitFor();
    await o.w.treeItem('Live').waitFor({ state: 'detached' });
    assert.deepEqual(await o.w.treeLabels(), ['Saved', 'prices', NAME]);
    await o.w.shot('filter');
    await o.w.quickBox.press('Enter');
    await shots('filtered');
    await o.w.viewAction('Clear Filter');
    await o.w.treeItem('Claude Code, 2 sessions').waitFor();
    await o.w.viewAction('Filter');
    await o.w.input('no such thing');
    await o.w.sideBar.getByText('No session matches the filter.').waitFor();
    await o.w.treeItem('Live').waitFor({ state: 'detached' });
    await shots('nothing found');
    await o.w.sideBar.locator('.welcome-view').getByRole('button', { name: 'Clear Filter' }).click();
    await o.w.treeItem('Claude Code, 2 sessions').waitFor();
  });

  it('are renamed and deleted where the arrows have led, whatever was clicked before', async () => {
    await o.w.treeItem('prices').click();
    await o.w.tab('prices.md').waitFor();
    await o.w.page.keyboard.press('ArrowDown');
    await o.w.page.keyboard.press('F2');
    await o.w.quickInput.getByText(`Rename ${NAME}`).waitFor();
    await o.w.page.keyboard.press('Escape');
    await o.w.page.keyboard.press('Delete');
    await o.w.toast(`Deleted ${NAME}.`).getByRole('button', { name: 'Undo' }).click();
    await o.w.treeItem(`${NAME},`).waitFor();
    await o.w.treeItem('prices,').waitFor();
  });

  it('are searched for words in their messages', async () => {
    await o.w.command('Sessions: Search in Sessions…');
    await o.w.quickBox.fill('RangeError');
    await o.w.quickInput.getByText(NAME).first().waitFor();
    await o.w.shot('search');
    await o.w.quickInput.locator('.monaco-list-row', { hasText: NAME }).first().click();
    await o.w.tab(`${NAME}.md`).waitFor();
    await o.w.page.locator('.editor-group-container.active .view-line', { hasText: 'RangeError' }).first().waitFor();
  });

  it('keep a message whole that is pinned where it is read', async () => {
    const line = o.w.page.locator('.editor-group-container.active .view-line', { hasText: 'RangeError' }).first();
    await o.w.contextMenu(line, 'Pin Message');
    await o.w.page.locator('.codelens-decoration', { hasText: 'Pinned' }).waitFor();
    await o.w.shot('pinned message');
  });

  it('say what each agent makes of them before they are resumed there', async () => {
    await o.w.contextMenu(o.w.treeItem(NAME), 'Resume in…');
    await o.w.quickItem('Codex').waitFor();
    assert.equal((await o.w.quickLabels())[0], 'Claude Code');
    await o.w.quickInput.getByText('Goes on with its own session').waitFor();
    await o.w.shot('resume in');
    await o.w.page.keyboard.press('Escape');
  });

  it('are handed over to another agent, in a size that is picked, and are live there', async () => {
    await o.w.contextMenu(o.w.treeItem(NAME), 'Hand Over to…');
    await o.w.pick('Gemini CLI');
    await o.w.quickItem('Whole').waitFor();
    assert.match(await o.w.quickItem('Whole').innerText(), /≈ [\d,]+ tokens/);
    await o.w.shot('hand over');
    await o.w.picture('hand-over', 300);
    await o.w.pick('Whole');
    await o.w.treeItem('Gemini CLI, 1 session').waitFor();
    await o.w.shot('handed over');
    assert.equal(saved(NAME).name, NAME);
  });

  it('are protected once the change was shown, and not before', async () => {
    const settings = path.join(o.folder, '.claude/settings.local.json');
    await o.w.viewAction('Install Edit Protection for');
    await o.w.quickItem('Claude Code').first().waitFor();
    await o.w.shot('protection agents');
    await o.w.quickItem('Claude Code').first().click();
    await o.w.quickItem('Install').waitFor();
    await o.w.tab('.claude/settings.local.json: now').waitFor();
    assert.ok(!fs.existsSync(settings));
    await o.w.shot('protection diff');
    await o.w.picture('protection', 345);
    await o.w.pick('Install');
    await o.w.toast('Edit protection for Claude Code is installed.').waitFor();
    assert.match(fs.readFileSync(settings, 'utf8'), /hook\.cjs/);
    await shots('protected');
  });
});
