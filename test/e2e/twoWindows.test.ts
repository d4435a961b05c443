// One session in two windows of VS Code, each with an extension host of its own: who drives, who follows, what is kept.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { growTranscript } from '../support/growTranscript.ts';
import { type OpenWorkbench, openWorkbench } from './openWorkbench.ts';
import type { Workbench } from './workbench.ts';

const TITLE = 'Add a discount to the cart';
const NAME = 'cart-discount';

describe('pain 8: one session in two windows', function () {
  this.timeout(120_000);
  let o: OpenWorkbench;
  let a: Workbench;
  let b: Workbench;
  let transcript: string;
  let messages: number;

  before(async () => {
    o = await openWorkbench();
    a = o.w;
    b = await o.another();
    const projects = path.join(o.env.CLAUDE_CONFIG_DIR, 'projects');
    const files = fs
      .readdirSync(projects, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(projects, name));
    const found = files.find((file) => file.endsWith('.jsonl') && fs.readFileSync(file, 'utf8').includes(TITLE));
    assert.ok(found, 'the sample has the transcript');
    transcript = found;
  });
  after(() => o?.close());

  const snapshot = (): { message_count: number; history: { id: string; content: unknown }[] } =>
    JSON.parse(fs.readFileSync(path.join(o.folder, `.sessions/${NAME}.json`), 'utf8'));
  const status = (w: Workbench, text: string) => w.statusItem('session').getByText(text).waitFor();
  /** Waits until the status bar's tooltip (its spoken label says the same) tells of so many messages. */
  const counts = (w: Workbench, count: number) =>
    w
      .statusItem('session')
      .getByRole('button', { name: new RegExp(`${count} of ${count} messages on disk`) })
      .waitFor();
  async function load(w: Workbench): Promise<void> {
    await w.openContainer('Sessions');
    await w.treeItem(NAME).click();
    await w.tab(`${NAME}.md`).waitFor();
    await w.page.keyboard.press('Enter');
  }
  /** Waits until the transcript ends with the answer to this prompt. */
  async function shows(w: Workbench, prompt: string): Promise<void> {
    await w.tab(`${NAME}.md`).click();
    const answer = w.page.locator('.view-line', { hasText: `Done: ${prompt}` }).first();
    for (let tries = 0; tries < 30; tries++) {
      // It may have grown since.
      await w.page.keyboard.press('Control+End');
      const seen = await answer.waitFor({ timeout: 500 }).then(
        () => true,
        () => false,
      );
      if (seen) return;
    }
    assert.fail(`never shown: ${prompt}`);
  }

  it('tells the second window who drives it, before anything is loaded there', async () => {
    await a.openContainer('Sessions');
    await a.inlineAction(a.treeItem(TITLE), 'Save Session');
    await a.input(NAME);
    await load(a);
    messages = snapshot().message_count;
    await counts(a, messages);
    await load(b);
    await b.quickInput.getByText(`${NAME} is open in another window`).waitFor();
    const asked = (await b.quickBox.getAttribute('placeholder')) ?? '';
    assert.match(asked, /^Host .+, process \d+, since .+\. What should this window do\?$/);
    assert.deepEqual(await b.quickLabels(), ['Follow Read-Only', 'Take Over', 'Fork']);
    await b.shot('second window is asked');
    await b.page.keyboard.press('Escape');
    await status(b, 'Sessions');
  });

  it('follows read-only, and shows what the first one saves while it is saved', async () => {
    await load(b);
    await b.pick('Follow Read-Only');
    await status(b, 'following');
    growTranscript(transcript, 'Round half up.');
    messages += 2;
    await counts(a, messages);
    await counts(b, messages);
    await shows(b, 'Round half up.');
    await b.statusItem('session').hover();
    await b.page.locator('.monaco-hover', { hasText: 'Another window drives it: host' }).waitFor();
    await b.shot('second window follows');
    assert.match(await o.callTool('holdfast_readFile', { path: 'src/cart.js' }), /lines/, 'the first window works on');
  });

  it('loses no message and doubles none when it is taken over while both write', async () => {
    const prompts: string[] = [];
    const say = (text: string): void => {
      prompts.push(text);
      growTranscript(transcript, text);
    };
    const talking = (async () => {
      for (let turn = 0; turn < 60; turn++) {
        say(`Turn ${turn}.`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    await b.statusItem('session').click();
    await b.pick('Take Over');
    await talking;
    messages += 2 * prompts.length;
    await a.toast(`${NAME} was taken over by another window`).waitFor();
    await status(a, 'following');
    await counts(b, messages);
    await counts(a, messages);
    await a.shot('first window was taken over');
    await b.command('Sessions: Save Session…');
    await b
      .statusItem('session')
      .getByRole('button', { name: /revision [2-9]/ })
      .waitFor();
    const { history } = snapshot();
    const text = JSON.stringify(history);
    assert.equal(history.length, messages);
    assert.equal(new Set(history.map(({ id }) => id)).size, messages, 'no message twice');
    for (const prompt of prompts) assert.equal(text.split(`"Done: ${prompt}"`).length, 2, prompt);
    await shows(a, prompts.at(-1) ?? '');
  });

  it('goes back with one click, and the other one is told', async () => {
    await a.toast(`${NAME} was taken over`).getByRole('button', { name: 'Take Back' }).click();
    await b.toast(`${NAME} was taken over by another window`).waitFor();
    await status(b, 'following');
    growTranscript(transcript, 'And print it.');
    messages += 2;
    await counts(a, messages);
    await counts(b, messages);
    await b.shot('taken back');
  });

  it('tells the follower, quietly, when the window that drives it dies', async () => {
    const [lease = ''] = fs.readdirSync(path.join(o.folder, '.sessions/leases'));
    const { pid } = JSON.parse(fs.readFileSync(path.join(o.folder, '.sessions/leases', lease), 'utf8'));
    // Without its page nobody starts its extension host again.
    await a.page.close();
    process.kill(pid, 'SIGKILL');
    await status(b, 'not driven');
    await b.shot('nobody drives it');
    await b.statusItem('session').click();
    growTranscript(transcript, 'Alone again.');
    messages += 2;
    await counts(b, messages);
    assert.doesNotMatch((await b.statusItem('session').innerText()) ?? '', /following|not driven/);
  });
});
