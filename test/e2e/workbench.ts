// What a person sees and does in VS Code, for Playwright.
import fs from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const exactly = (text: string): RegExp => new RegExp(`^\\s*${literally(text)}\\s*$`);
const beginning = (text: string): RegExp => new RegExp(`^${literally(text)}`);

/** Whether this run takes the README's pictures. */
export const forReadme: boolean = process.env['HOLDFAST_SCREENSHOTS'] === '1';

export class Workbench {
  readonly page: Page;
  readonly sideBar: Locator;
  readonly panel: Locator;
  readonly chat: Locator;
  readonly dialog: Locator;
  readonly quickInput: Locator;
  /** The text box of the palette, of a quick pick or of an input box. */
  readonly quickBox: Locator;
  private shots = 0;

  constructor(page: Page) {
    this.page = page;
    this.sideBar = page.locator('.part.sidebar');
    this.panel = page.locator('.part.panel');
    this.chat = page.locator('.part.auxiliarybar');
    this.dialog = page.locator('.monaco-dialog-box');
    this.quickInput = page.locator('.quick-input-widget:visible');
    this.quickBox = this.quickInput.locator('.quick-input-box input');
  }

  /** Runs a command by its full title, such as `Sessions: Refresh`. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickBox.fill(`>${title}`);
    await this.quickItem(title).first().click();
  }

  /** A row of the palette or of a quick pick, by its exact label. */
  quickItem(label: string): Locator {
    const name = this.page.locator('.label-name', { hasText: exactly(label) });
    return this.quickInput.locator('.monaco-list-row', { has: name });
  }

  /** Every label of the open quick pick. */
  quickLabels(): Promise<string[]> {
    return this.quickInput.locator('.monaco-list-row .quick-input-list-row:first-child .label-name').allInnerTexts();
  }

  async pick(label: string): Promise<void> {
    await this.quickItem(label).click();
  }

  async input(text: string): Promise<void> {
    await this.quickBox.fill(text);
    await this.quickBox.press('Enter');
  }

  /** Opens a view container by its title in the activity bar. */
  async openContainer(title: string): Promise<void> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name: beginning(title) });
    if ((await tab.getAttribute('aria-expanded')) !== 'true') await tab.click(); // a click on the open one hides it
    await this.sideBar.locator('.title-label', { hasText: title }).first().waitFor();
  }

  /** A row of a tree in the side bar; its accessible name begins with the label. */
  treeItem(label: string): Locator {
    return this.sideBar.getByRole('treeitem', { name: beginning(label) });
  }

  /** Labels of all rows that are shown, from top to bottom. */
  treeLabels(): Promise<string[]> {
    return this.sideBar.locator('.tree-explorer-viewlet-tree-view .monaco-list-row .label-name').allInnerTexts();
  }

  async expand(label: string): Promise<void> {
    const row = this.treeItem(label);
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.locator('.monaco-tl-twistie').click();
  }

  /** Clicks an action of a row, which shows while the row is hovered, or of a view's title. */
  async inlineAction(row: Locator, title: string): Promise<void> {
    await row.hover();
    await row.getByRole('button', { name: beginning(title) }).click();
  }

  async viewAction(title: string): Promise<void> {
    await this.sideBar.hover();
    await this.sideBar.getByRole('button', { name: beginning(title) }).click();
  }

  async contextMenu(target: Locator, entry: string): Promise<void> {
    await target.click({ button: 'right' });
    const item = this.page.getByRole('menuitem', { name: beginning(entry) });
    const gone = (): Promise<boolean> =>
      item.waitFor({ state: 'detached', timeout: 500 }).then(
        () => true,
        () => false,
      );
    // A menu ignores clicks in its first tenth of a second.
    do await item.click();
    while (!(await gone()));
  }

  /** The status bar item with the id that the extension gave it, such as `holdfast.session`. */
  statusItem(id: string, extension = 'holdfast.holdfast'): Locator {
    return this.page.locator(`.statusbar-item[id="${extension}.${id}"]`);
  }

  /** Presses a button of a modal dialog. */
  async answer(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** A notification that contains the text; its buttons: `.getByRole('button', { name })`. */
  toast(text: string): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** Opens a file of the workspace folder by its path. */
  async openFile(file: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.quickBox.fill(file);
    await this.quickItem(path.basename(file)).first().click();
    await this.tab(path.basename(file)).waitFor();
  }

  /** An editor's tab by its label. */
  tab(label: string): Locator {
    return this.page.locator('.tabs-container').getByRole('tab', { name: beginning(label) });
  }

  /** The visible text of the active editor (of both sides in a diff), with ordinary spaces. */
  async editorText(): Promise<string> {
    const lines = await this.page.locator('.editor-group-container.active .view-lines').allInnerTexts();
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  /** The document inside a webview. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Keeps a picture in test-results/e2e, numbered in order; `part` cuts it down to one element. */
  async shot(name: string, part?: Locator): Promise<string> {
    this.shots += 1;
    const slug = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    const file = path.join('test-results/e2e', `${String(this.shots).padStart(2, '0')}-${slug}.png`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await this.stillness();
    await (part ?? this.page).screenshot({ path: file });
    return file;
  }

  /**
   * A picture for the README, taken anew only where HOLDFAST_SCREENSHOTS=1 asks for it (npm run screenshots): of the
   * whole window, or of so many pixels from its top.
   */
  async picture(name: string, tall?: number): Promise<void> {
    if (!forReadme) return;
    // Away from whatever shows a hover.
    const { width, height } = this.page.viewportSize() ?? { width: 0, height: 0 };
    await this.page.mouse.move(width - 60, height / 2);
    await this.page.locator('.workbench-hover-container:visible').waitFor({ state: 'detached' });
    await this.stillness();
    const file = path.join('media/readme', `${name}.png`);
    const part = tall === undefined ? {} : { clip: { x: 0, y: 0, width, height: tall } };
    await this.page.screenshot({ path: file, ...part });
  }

  /** Drags the side bar to this width, in pixels. */
  async widenSideBar(width: number): Promise<void> {
    const box = await this.sideBar.boundingBox();
    if (!box) throw new Error('the side bar is hidden');
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width + 2, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width + 2, y, { steps: 5 });
    await this.page.mouse.up();
  }

  /** Resolves when nothing fades or slides any more; what spins for ever is not waited for. */
  private async stillness(): Promise<void> {
    // As text: these names are the browser's, which the tests' types do not know.
    await this.page.evaluate(`(async () => {
      const ends = (one) => one.playState === 'running' && Number.isFinite(one.effect.getComputedTiming().endTime);
      for (;;) {
        const moving = document.getAnimations().filter(ends);
        if (moving.length === 0) return;
        await Promise.allSettled(moving.map((one) => one.finished));
      }
    })()`);
  }
}
