import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ToolChange } from '../../src/core/index.ts';
import { describeChange } from '../../src/vscode/views/changeItems.ts';
import type { Change } from '../../src/vscode/views/changeRows.ts';
import { DropImport } from '../../src/vscode/views/dropImport.ts';
import { growTranscript } from '../support/growTranscript.ts';
import { makeParts, outline, type Parts, row } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { api, claudeTranscript, file, reset, scratch, sessions, set, store, until, write } from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) =>
  vscode.commands.executeCommand(`holdfast.${command}`, ...args);

describe('The Sessions view and its commands', () => {
  let person: Person;
  let parts: Parts;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    parts = makeParts();
  });
  afterEach(async () => {
    await parts.dispose();
    person.restore();
    await reset();
  });

  /** Saves Claude Code's session of the sample as `name`. */
  async function save(name: string): Promise<void> {
    parts.catalog.refresh();
    const live = (await outline(parts.tree)).length > 0 ? await liveRow() : undefined;
    person.types(name);
    assert.equal(await run('save', live), name, JSON.stringify(person.notifications));
    parts.catalog.refresh();
  }
  async function liveRow() {
    const [place] = parts.places.all();
    assert.ok(place);
    const live = (await parts.catalog.live(place)).find(({ transcript }) => transcript === claudeTranscript());
    assert.ok(live, 'the agent’s session is found');
    return { kind: 'live', place, live };
  }
  async function savedRow(name: string) {
    parts.catalog.refresh();
    const found = await row(parts.tree, name);
    assert.ok(found, `${name} is in the tree`);
    return found;
  }

  it('lists the agents’ own sessions of this folder under their agents, with turns and age', async () => {
    const lines = await outline(parts.tree);
    assert.equal(lines[0], 'Live');
    assert.match(lines.join('\n'), /^ {2}Claude Code \| 2\n {4}.+ \| \d+ turns? · .+$/m);
    assert.match(lines.join('\n'), /^ {2}Codex \| 2\n {4}.+ \| \d+ turns? · .+$/m);
    assert.ok(!lines.includes('Saved'));
  });

  it('saves a live session under a name made from its title', async () => {
    person.types(undefined);
    const name = await run('save', await liveRow());
    assert.equal(person.inputs[0]?.value, name);
    const [entry] = await store().list();
    assert.equal(entry?.name, name);
    assert.equal(entry?.head?.source?.agent, 'claude-code');
    assert.deepEqual(person.notifications, []);
  });

  it('says that saving again makes the next revision, and makes it', async () => {
    await save('discount');
    person.types(undefined);
    await run('save', await liveRow());
    assert.equal(person.inputs[1]?.value, 'discount');
    assert.equal(await person.judge('discount'), 'A session with this name exists: it will become revision 2.');
    assert.equal((await store().list())[0]?.head?.revision, 2);
  });

  it('leaves a saved session as it is where its transcript was replaced by a shorter one', async () => {
    await save('discount');
    const before = fs.readFileSync(path.join(sessions, 'discount.json'));
    const lines = fs.readFileSync(claudeTranscript(), 'utf8').trimEnd().split('\n');
    fs.writeFileSync(claudeTranscript(), `${lines.slice(0, Math.ceil(lines.length / 2)).join('\n')}\n`);
    parts.catalog.refresh();
    person.types('discount');
    assert.equal(await run('save', await liveRow()), undefined);
    assert.match(person.notifications.at(-1)?.text ?? '', /was cut or replaced since discount was saved/);
    assert.deepEqual(fs.readFileSync(path.join(sessions, 'discount.json')), before);
  });

  it('refuses names that are taken by another session, or are no file names', async () => {
    await save('discount');
    person.types('copy');
    await run('fork', 'discount');
    person.types(null);
    await run('save', await liveRow());
    assert.equal(await person.judge('copy'), 'Another session has this name.');
    assert.equal(await person.judge('../x'), 'A name cannot contain / or \\.');
    assert.equal(await person.judge('CON'), 'Windows reserves this name for a device.');
    assert.equal(await person.judge('重构 🚀'), undefined);
  });

  it('shows damaged and newer files with what is wrong, and the others beside them', async () => {
    await save('good');
    fs.writeFileSync(path.join(sessions, 'empty.json'), '');
    fs.writeFileSync(path.join(sessions, 'torn.json'), '{"schema":"holdfast/1","session_id":"s-1","hist');
    fs.mkdirSync(path.join(sessions, 'folder.json'));
    const good = fs.readFileSync(path.join(sessions, 'good.json'), 'utf8');
    fs.writeFileSync(path.join(sessions, 'newer.json'), good.replace('holdfast/1', 'holdfast/9'));
    parts.catalog.refresh();
    const lines = (await outline(parts.tree)).map((line) => line.trim());
    assert.ok(lines.includes('empty | the file is empty'), lines.join('\n'));
    assert.ok(
      lines.some((line) => line.startsWith('torn | ')),
      lines.join('\n'),
    );
    assert.ok(lines.includes('folder | a folder, not a file'), lines.join('\n'));
    assert.match(lines.join('\n'), /^newer \| Claude Code .*read-only$/m);
    assert.match(lines.join('\n'), /^good \| Claude Code/m);
    assert.ok(fs.existsSync(path.join(sessions, 'empty.json')), 'nothing is deleted');
  });

  it('lists the agents’ sessions also where the saved ones cannot be read, and says why', async () => {
    fs.writeFileSync(sessions, 'a file in its place');
    parts.catalog.refresh();
    const lines = await outline(parts.tree);
    assert.equal(lines[0], 'Live');
    assert.deepEqual(
      lines.filter((line) => !line.startsWith(' ')),
      ['Live', 'Saved sessions cannot be read | a file is in the place of the sessions’ folder'],
    );
    fs.rmSync(sessions);
  });

  it('pain 22: puts a fork from any message under its parent, with the message that it left at and a name of its own', async () => {
    await save('discount');
    person.types('other way');
    assert.equal(await run('forkFromMessage', 'discount', 3), 'other way');
    parts.catalog.refresh();
    const lines = await outline(parts.tree);
    const parent = lines.findIndex((line) => line.startsWith('  discount'));
    assert.match(lines[parent + 1] ?? '', /^ {4}other way \| left at message 3 · Claude Code/);
    // How many turns a part has is not known: its parent's number would be wrong.
    assert.doesNotMatch(lines[parent + 1] ?? '', /turn/);
    const loaded = await store().load('other way');
    assert.equal(loaded.kind === 'loaded' && loaded.session.history.length, 3);
  });

  it('offers the messages to fork from, newest first, tool results folded into their calls', async () => {
    await save('discount');
    person.types('fork here');
    await run('forkFromMessage', 'discount');
    const rows = person.picks.at(-1) ?? [];
    const loaded = await store().load('discount');
    const first = loaded.kind === 'loaded' ? loaded.session.history[0] : undefined;
    assert.ok(first && rows.at(-1) && JSON.stringify(first.content).includes(rows.at(-1) ?? '?'));
    const tools = loaded.kind === 'loaded' ? loaded.session.history.filter(({ role }) => role === 'tool').length : 0;
    assert.equal(rows.length, (loaded.kind === 'loaded' ? loaded.session.history.length : 0) - tools);
  });

  it('proposes a name for a fork that no session has', async () => {
    await save('discount');
    person.types(undefined, undefined);
    assert.equal(await run('fork', 'discount'), 'discount fork');
    assert.notEqual(await run('fork', 'discount'), 'discount fork');
  });

  it('renames, and keeps the session active under its new name', async () => {
    await save('discount');
    await run('load', 'discount');
    person.types('rebate');
    await run('rename', 'discount');
    assert.deepEqual(
      (await store().list()).map(({ name }) => name),
      ['rebate'],
    );
    assert.equal((await api()).active, 'rebate');
  });

  it('deletes without a question and brings back by Undo', async () => {
    await save('discount');
    person.clicks(/^Deleted discount\.$/, 'Undo');
    await run('delete', await savedRow('discount'));
    await until(async () => (await store().list()).length === 1, 'the session is back');
    assert.deepEqual(
      person.notifications.map(({ text }) => text),
      ['Deleted discount.'],
    );
  });

  it('deletes several rows at once, shows them in the Trash, and undoes all of them', async () => {
    await save('discount');
    person.types('copy');
    await run('saveAs', 'discount');
    const rows = [await savedRow('discount'), await savedRow('copy')];
    await run('delete', rows[0], rows);
    assert.deepEqual(await store().list(), []);
    parts.catalog.refresh();
    const lines = await outline(parts.tree);
    assert.ok(lines.includes('Trash'));
    assert.equal(person.notifications[0]?.text, 'Deleted 2 sessions.');
    await run('undoDelete');
    assert.deepEqual((await store().list()).map(({ name }) => name).sort(), ['copy', 'discount']);
  });

  it('exports one self-contained file that imports again', async () => {
    await save('discount');
    const out = path.join(scratch(), 'out.json');
    person.chooses('Holdfast Session');
    person.savesTo(vscode.Uri.file(out));
    await run('export', await savedRow('discount'));
    const exported = JSON.parse(fs.readFileSync(out, 'utf8'));
    const loaded = await store().load('discount');
    assert.ok(loaded.kind === 'loaded');
    assert.equal(exported.history.length, loaded.session.history.length);
    await run('import', vscode.Uri.file(out));
    assert.equal((await store().list()).length, 2);
  });

  it('exports what HelloAgents loads, and Markdown to read', async () => {
    await save('discount');
    const folder = scratch();
    for (const [label, name] of [
      ['HelloAgents Session', 'h.json'],
      ['Markdown Transcript', 't.md'],
    ] as const) {
      person.chooses(label);
      person.savesTo(vscode.Uri.file(path.join(folder, name)));
      await run('export', await savedRow('discount'));
    }
    const helloAgents = JSON.parse(fs.readFileSync(path.join(folder, 'h.json'), 'utf8'));
    for (const message of helloAgents.history) assert.equal(typeof message.content, 'string');
    assert.match(fs.readFileSync(path.join(folder, 't.md'), 'utf8'), /^# discount\n/);
  });

  it('imports a transcript file and says why another file is none', async () => {
    const folder = scratch();
    fs.copyFileSync(claudeTranscript(), path.join(folder, 'talk.jsonl'));
    const names = await run('import', vscode.Uri.file(path.join(folder, 'talk.jsonl')));
    assert.equal((names as string[]).length, 1);
    fs.writeFileSync(path.join(folder, 'other.jsonl'), '{"nothing":1}\n');
    await run('import', vscode.Uri.file(path.join(folder, 'other.jsonl')));
    assert.match(
      person.notifications.at(-1)?.text ?? '',
      /is not a transcript of an agent that Holdfast knows \(Claude Code, Codex, .* and \w+\)/,
    );
    assert.equal((await store().list()).length, 1);
  });

  it('imports a transcript that is dropped on it', async () => {
    const data = new vscode.DataTransfer();
    const talk = path.join(scratch(), 'dropped.jsonl');
    fs.copyFileSync(claudeTranscript(), talk);
    data.set('text/uri-list', new vscode.DataTransferItem(vscode.Uri.file(talk).toString()));
    await new DropImport().handleDrop(undefined, data);
    assert.equal((await store().list()).length, 1, JSON.stringify(person.notifications));
  });

  it('writes nothing while it is turned off, and says how to turn it on', async () => {
    await set('enabled', false);
    await run('save', await liveRow());
    assert.ok(!fs.existsSync(sessions));
    assert.equal(person.notifications[0]?.text, 'Sessions are turned off here, so nothing was written.');
    assert.ok(person.notifications[0]?.actions.includes('Enable Sessions'));
  });

  it('opens a session as a document in which nothing of it acts', async () => {
    const transcript = claudeTranscript();
    growTranscript(
      transcript,
      '<script>alert(1)</script> [click](command:workbench.action.quit) ```` ![x](https://example.invalid/x)',
    );
    await run('openTranscript', await liveRow());
    const document = await until(() => {
      const shown = vscode.window.activeTextEditor?.document;
      return shown?.uri.scheme === 'holdfast-transcript' ? shown : undefined;
    }, 'the document');
    const text = document.getText();
    assert.equal(document.languageId, 'markdown');
    assert.match(text, /\\<script>alert\(1\)\\<\/script> \[click\\\]\(command:/);
    assert.doesNotMatch(text, /(^|[^\\])<script>/);
    assert.match(text, /^## 1 · User · /m);
    assert.match(text, /^\*\*Tool call: Read\*\*$/m);
    assert.ok(
      document.isUntitled === false && vscode.workspace.fs.isWritableFileSystem('holdfast-transcript') !== true,
    );
  });

  it('marks a saved session whose files changed, and lists them under it', async () => {
    await save('discount');
    write('src/cart.js', `${fs.readFileSync(file('src/cart.js'), 'utf8')}// later\n`);
    parts.catalog.refresh();
    parts.freshener.forget();
    await outline(parts.tree);
    const found = await savedRow('discount');
    await until(
      () => found.kind === 'saved' && (parts.freshener.known(found.place, found.entry)?.length ?? 0) > 0,
      'checked',
    );
    const lines = await outline(parts.tree);
    assert.ok(lines.includes('    src/cart.js | changed'), lines.join('\n'));
    const { resourceUri } = parts.tree.getTreeItem(found);
    assert.equal(JSON.parse(resourceUri?.query ?? '{}').stale, 1);
  });

  it('has a spoken name for every row, which says what its icon and its place say', async () => {
    await save('discount');
    person.types('fork');
    await run('fork', 'discount');
    person.types('gone');
    await run('fork', 'discount');
    await run('delete', 'gone');
    fs.writeFileSync(path.join(sessions, 'broken.json'), '{');
    write('src/cart.js', '// later\n');
    parts.catalog.refresh();
    const spoken: string[] = [];
    const listen = async (node?: Parameters<typeof parts.tree.getChildren>[0]): Promise<void> => {
      for (const child of await parts.tree.getChildren(node)) {
        const { label, accessibilityInformation } = parts.tree.getTreeItem(child);
        assert.ok(accessibilityInformation?.label, `${label} has a spoken name`);
        spoken.push(accessibilityInformation.label);
        await listen(child);
      }
    };
    await listen();
    for (const expected of [
      /^Live sessions$/,
      /, live session, Claude Code/,
      /^Saved sessions$/,
      /^fork, saved session, left at message \d+, /,
      /^src\/cart\.js, changed$/,
      /^broken, cannot be read: /,
      /^gone, deleted /,
    ])
      assert.ok(
        spoken.some((label) => expected.test(label)),
        `${expected} in ${spoken.join(' | ')}`,
      );
  });

  it('has one for every row of Changes Since Save, too', () => {
    const spoken = (change: Change) => describeChange(change).accessibilityInformation?.label;
    const [place] = parts.places.all();
    assert.ok(place);
    const stale = { key: 'src/cart.js', path: '/home/me/src/cart.js', freshness: 'changed' } as const;
    assert.equal(spoken({ kind: 'stale', place, name: 'a', file: stale }), 'src/cart.js, changed');
    assert.equal(spoken({ kind: 'group', group: 'files', count: 2 }), 'Files, 2 changed');
    assert.equal(spoken({ kind: 'note', group: 'tools', text: 'Nothing changed' }), 'Tools: Nothing changed');
    assert.equal(
      spoken({ kind: 'tool', change: { change: 'removed', tool: 'grep' } as ToolChange }),
      'grep, tool, removed',
    );
    assert.equal(
      spoken({ kind: 'config', change: { field: 'llm_model', saved: 'a', now: 'b' } }),
      'Model was a and is b',
    );
  });

  it('tells in a tooltip what a row cannot, with every mark of the session escaped', async () => {
    await save('a_b [x](y)');
    const found = await savedRow('a_b [x](y)');
    const { tooltip } = await parts.tree.resolveTreeItem(parts.tree.getTreeItem(found), found);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.ok(!tooltip.isTrusted && !tooltip.supportHtml);
    assert.doesNotMatch(tooltip.value, /[^\\]\]\(/);
    assert.match(tooltip.value, /Agent: Claude Code/);
  });
});
