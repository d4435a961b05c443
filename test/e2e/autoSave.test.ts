// Auto-save at work, as a person sees it in the status bar: it follows, fails, says why, and catches up.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { growTranscript } from '../support/growTranscript.ts';
import { type OpenWorkbench, openWorkbench } from './openWorkbench.ts';

const TITLE = 'Add a discount to the cart';
const NAME = 'cart-discount';

describe('Auto-save', () => {
  let o: OpenWorkbench;
  let journal: string;
  let transcript: string;
  let messages: number;

  before(async () => {
    o = await openWorkbench();
    journal = path.join(o.folder, `.sessions/${NAME}.journal.jsonl`);
    const projects = path.join(o.env.CLAUDE_CONFIG_DIR, 'projects');
    const files = fs
      .readdirSync(projects, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(projects, name));
    const found = files.find((file) => file.endsWith('.jsonl') && fs.readFileSync(file, 'utf8').includes(TITLE));
    assert.ok(found, 'the sample has the transcript');
    transcript = found;
  });
  after(() => o?.close());

  /** Waits until the status bar's tooltip (its spoken label says the same) tells of so many messages. */
  async function onDisk(count: number): Promise<void> {
    const label = new RegExp(`${count} of ${count} messages on disk, verified .*, revision \\d+`);
    await o.w.statusItem('session').getByRole('button', { name: label }).waitFor();
  }

  it('follows the agent of the loaded session', async () => {
    await o.w.openContainer('Sessions');
    await o.w.inlineAction(o.w.treeItem(TITLE), 'Save Session');
    await o.w.input(NAME);
    await o.w.treeItem(NAME).click();
    // The click opened the session to read, and the keys are still for the list.
    await o.w.tab(`${NAME}.md`).waitFor();
    await o.w.page.keyboard.press('Enter');
    await o.w.statusItem('session').getByText(NAME).waitFor();
    messages = JSON.parse(fs.readFileSync(path.join(o.folder, `.sessions/${NAME}.json`), 'utf8')).message_count;
    await onDisk(messages);
    growTranscript(transcript, 'Round half up.');
    messages += 2;
    await onDisk(messages);
    await o.w.statusItem('session').hover();
    await o.w.page.locator('.monaco-hover', { hasText: `${messages} of ${messages} messages on disk` }).waitFor();
    await o.w.shot('auto-saved');
  });

  it('says in red what it could not save, and why', async () => {
    fs.renameSync(journal, `${journal}.away`);
    fs.mkdirSync(journal);
    growTranscript(transcript, 'Print the discount, too.');
    const item = o.w.statusItem('session');
    await item.getByText('not saved: ').waitFor();
    assert.match((await item.getAttribute('class')) ?? '', /error-kind/);
    assert.doesNotMatch(await item.innerText(), /undefined|\bE[A-Z]{4,}\b/);
    await o.w.toast(`${NAME} is not being saved`).waitFor();
    await o.w.shot('not-saved');
  });

  it('saves what waited on Retry, once the disk is as it was', async () => {
    fs.rmdirSync(journal);
    fs.renameSync(`${journal}.away`, journal);
    await o.w.toast(`${NAME} is not being saved`).getByRole('button', { name: 'Retry' }).click();
    messages += 2;
    await onDisk(messages);
    assert.doesNotMatch((await o.w.statusItem('session').getAttribute('class')) ?? '', /error-kind/);
    await o.w.shot('saved-again');
  });
});
