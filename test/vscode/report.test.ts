import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { readersOf } from '../../src/vscode/commands/whoRead.ts';
import { knownTools } from '../../src/vscode/comparing/currentTools.ts';
import { MOST_FILES } from '../../src/vscode/views/changeRows.ts';
import { ChangesTree } from '../../src/vscode/views/changes.ts';
import { StaleDecorations } from '../../src/vscode/views/staleDecorations.ts';
import { createStatusBar } from '../../src/vscode/views/statusBar.ts';
import { makeParts, outline, type Parts } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { activate, changeRow, changesOutline, rewrite, saveSample, spokenOutline } from './support/saved.ts';
import {
  api,
  claudeTranscript,
  file,
  read,
  reset,
  scratch,
  sessions,
  set,
  store,
  until,
  write,
} from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) =>
  vscode.commands.executeCommand(`holdfast.${command}`, ...args);

const claudeSettings = (): string => path.join(process.env['CLAUDE_CONFIG_DIR'] ?? '', 'settings.json');

describe('After a load', () => {
  let person: Person;
  let parts: Parts;
  let tree: ChangesTree;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    await saveSample(person, 'discount');
    parts = makeParts();
    tree = new ChangesTree(parts.active, parts.log);
  });
  afterEach(async () => {
    tree.dispose();
    await parts.dispose();
    person.restore();
    await reset();
  });

  const rows = () => changesOutline(tree);
  const notified = (text: RegExp) => until(() => person.notifications.find((one) => text.test(one.text)), String(text));
  const stated = (text: RegExp) => until(() => person.statusMessages.find((one) => text.test(one)), String(text));
  const load = async (): Promise<void> => {
    await run('load', 'discount');
    await until(async () => (await api()).active === 'discount', 'loaded');
  };
  const changeModel = (): void => fs.writeFileSync(claudeSettings(), '{"model":"another-model"}');
  /** What the snapshot says was decided. */
  const decided = async () => {
    const loaded = await store().load('discount');
    assert.ok(loaded.kind === 'loaded');
    return loaded.session.body.decisions ?? [];
  };
  const tool = async (name: string, input: object): Promise<string> => {
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    return result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('\n');
  };

  describe('pain 25: what changed while a session lay still', () => {
    it('is said by kind: model, tools, files and commit, with old and new values', async () => {
      await rewrite('discount', ({ body, history }) => ({
        history,
        body: {
          ...body,
          tools: [
            { name: 'Read', schema: { type: 'object' } },
            {
              name: 'holdfast_readFile',
              description: 'Reads.',
              schema: {
                type: 'object',
                properties: { path: { type: 'string' }, encoding: { type: 'string' } },
                required: ['path'],
              },
            },
          ],
        },
      }));
      write('src/cart.js', '// other\n');
      changeModel();
      await activate(parts, 'discount');
      const text = (await rows()).join('\n');
      assert.match(text, /^Files \| 1\n {2}src\/cart\.js \| changed$/m);
      assert.match(text, /^Config \| 1\n {2}Model \| .+ → another-model$/m);
      assert.match(text, /^Tools \| 1\n {2}holdfast_readFile \| changed, recorded calls may fail$/m);
      assert.match(text, /^ {4}encoding \| removed$/m);
      assert.doesNotMatch(text, /Read \| removed/);
    });

    it('shows every difference of one parameter, each with its keyword', async () => {
      await rewrite('discount', ({ body, history }) => ({
        history,
        body: {
          ...body,
          tools: [{ name: 'holdfast_editFile', schema: { properties: { oldText: { type: 'string' } } } }],
        },
      }));
      await activate(parts, 'discount');
      const shown = (await rows()).filter((line) => line.startsWith('    oldText | '));
      assert.deepEqual(shown.sort(), [
        '    oldText | minLength none → 1',
        '    oldText | now required',
        '    oldText | only its description changed',
      ]);
    });

    it('names the messages whose calls a changed tool concerns; one opens there', async () => {
      await rewrite('discount', ({ body, history }) => ({
        history: [
          ...history,
          {
            id: 'calls',
            role: 'assistant',
            content: [{ type: 'tool_call', id: 't', name: 'holdfast_readFile', input: { path: 'a', encoding: 'b' } }],
          },
          { id: 'answers', role: 'tool', content: [{ type: 'tool_result', call_id: 't', output: 'c' }] },
        ],
        body: { ...body, tools: [{ name: 'holdfast_readFile', schema: { properties: { encoding: {} } } }] },
      }));
      const session = await activate(parts, 'discount');
      const label = `Message ${session.messageCount - 1}`;
      const row = await changeRow(tree, label);
      await run('openTranscript', row);
      const editor = await until(
        () => vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === 'holdfast-transcript'),
        'the transcript',
      );
      await until(
        () => editor.document.lineAt(editor.selection.active.line).text.startsWith(`## ${session.messageCount - 1} · `),
        'the message is selected',
      );
    });

    it('compares tools with those that a later session of the agent was offered', async () => {
      await rewrite('discount', ({ body, history }) => ({
        history,
        body: { ...body, tools: [{ name: 'Read' }, { name: 'Glob' }] },
      }));
      const id = '11111111-2222-4333-8444-555555555555';
      const head = { sessionId: id, cwd: file('.').replace(/[/\\]\.?$/, ''), version: '2.1.400', isSidechain: false };
      const at = new Date(Date.now() + 60_000).toISOString();
      const lines = [
        {
          ...head,
          parentUuid: null,
          type: 'user',
          uuid: 'a1',
          timestamp: at,
          message: { role: 'user', content: 'Look around.' },
        },
        { type: 'api-request-shape', sessionId: id, shape: { tools: [{ name: 'Read' }, { name: 'WebFetch' }] } },
      ];
      fs.writeFileSync(
        path.join(path.dirname(claudeTranscript()), `${id}.jsonl`),
        lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      );
      await activate(parts, 'discount');
      const text = (await rows()).join('\n');
      assert.match(text, /^ {2}Glob \| removed$/m);
      assert.match(text, /^ {2}WebFetch \| added$/m);
      assert.doesNotMatch(text, /Read/);
    });

    it('says nothing of tools that nobody knows now: they are not recorded, so not compared', async () => {
      await rewrite('discount', ({ body, history }) => ({ history, body: { ...body, tools: [{ name: 'Read' }] } }));
      await activate(parts, 'discount');
      write('src/cart.js', '// other\n');
      await parts.active.current?.recheck();
      assert.match((await rows()).join('\n'), /^Tools \| 0\n {2}Not recorded, so not compared$/m);
      const offered = [{ name: 'grep', description: '', inputSchema: {} }];
      assert.equal(knownTools([{ name: 'Read' }], offered), undefined);
      assert.deepEqual(knownTools([{ name: 'Read' }, { name: 'grep' }], offered), [
        { name: 'Read' },
        { name: 'grep', description: '', schema: {} },
      ]);
    });

    it('is accepted once, by somebody’s name, and then not asked about again', async () => {
      write('src/cart.js', '// other\n');
      changeModel();
      await load();
      await notified(/1 file and the model changed since/);
      await run('continueSession');
      const [decision] = await decided();
      assert.equal(decision?.action, 'continue');
      await run('closeSession');
      person.notifications.length = 0;
      await load();
      await stated(/What changed since it was saved was accepted before/);
      assert.deepEqual(person.notifications, []);
      await run('closeSession');
      await activate(parts, 'discount');
      const text = (await rows()).join('\n');
      assert.match(text, /src\/cart\.js \| changed · accepted by .+, (just now|\d+ s ago)$/m);
      assert.match(text, /another-model · accepted by/);
      // Another change of the same file is news.
      await parts.active.close();
      write('src/cart.js', '// yet another\n');
      await load();
      await notified(/^1 file changed since discount was saved\.$/);
    });

    it('is restored where the agent can be told: the next resume passes the saved model', async () => {
      changeModel();
      await load();
      await run('restoreConfig');
      assert.equal((await decided()).at(-1)?.action, 'restore-config');
      const terminals = watchTerminals();
      try {
        await run('resumeInTerminal', 'discount');
        const sent = await until(() => terminals.sent[0], 'the command');
        assert.match(sent, /^claude --resume [0-9a-f-]{36} --model claude-[a-z0-9-]+$/);
      } finally {
        terminals.restore();
      }
      await run('closeSession');
      const session = await activate(parts, 'discount');
      assert.match((await rows()).join('\n'), /Model \| claude-[a-z0-9-]+ on resume, instead of another-model$/m);
      assert.equal(session.decisions.length, 1);
      await parts.active.close();
      await load();
      // And taken back.
      await run('keepConfig');
      assert.equal((await decided()).at(-1)?.action, 'keep-config');
      const again = watchTerminals();
      try {
        await run('resumeInTerminal', 'discount');
        assert.match(await until(() => again.sent[0], 'the command'), /^claude --resume [0-9a-f-]{36}$/);
      } finally {
        again.restore();
      }
      await run('closeSession');
      await activate(parts, 'discount');
      assert.match((await rows()).join('\n'), /Model \| claude-[a-z0-9-]+ → another-model$/m);
    });

    it('is decided once: a click on the notification after the decision was made elsewhere records none', async () => {
      write('src/cart.js', '// other\n');
      await load();
      await notified(/1 file changed since/);
      await run('continueSession');
      await run('continueSession');
      await stated(/^discount goes on already/);
      await run('continueReadOnly');
      await run('continueReadOnly');
      assert.deepEqual(
        (await decided()).map(({ action }) => action),
        ['continue', 'read-only'],
      );
      await run('continueSession');
      assert.equal((await decided()).length, 3);
    });
  });

  it('every row has a spoken name that says what its icon says', async () => {
    write('src/cart.js', '// other\n');
    fs.rmSync(file('src/price.js'));
    const session = await activate(parts, 'discount');
    await session.decide('continue');
    const spoken = await spokenOutline(tree);
    assert.ok(spoken.length > 4);
    for (const text of spoken) assert.ok(text.trim() !== '', spoken.join('\n'));
    assert.ok(spoken.includes('Files, 2 changed'));
    assert.match(spoken.join('\n'), /src\/cart\.js, changed, accepted by /);
    assert.match(spoken.join('\n'), /src\/price\.js, deleted/);
  });

  it('a file that lies elsewhere now is shown there', async () => {
    fs.mkdirSync(file('lib'));
    fs.renameSync(file('src/cart.js'), file('lib/cart.js'));
    const session = await activate(parts, 'discount');
    assert.match((await rows()).join('\n'), /src\/cart\.js \| moved to lib\/cart\.js/);
    const seen = read('lib/cart.js');
    await parts.active.close();
    // Under a session that is not active, too.
    parts.catalog.refresh();
    await until(
      async () => (await outline(parts.tree)).some((line) => /src\/cart\.js \| moved to lib\/cart\.js/.test(line)),
      'the row',
    );
    await load();
    await run('openChange', {
      kind: 'stale',
      place: session.place,
      name: 'discount',
      file: session.report?.files.find(({ key }) => key === 'src/cart.js'),
    });
    const diff = await until(() => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff && input;
    }, 'the diff');
    assert.equal(diff.modified.fsPath, file('lib/cart.js'));
    const left = await vscode.workspace.openTextDocument(diff.original);
    assert.equal(left.getText(), seen);
  });

  it('of thousands of files some hundreds are listed, and the others counted', async () => {
    const missing = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`gone/${i}.js`, { sha256: 'a'.repeat(64) }]),
    );
    await rewrite('discount', ({ body, history }) => ({ history, body: { ...body, read_cache: missing } }));
    await activate(parts, 'discount');
    const shown = await rows();
    assert.equal(shown[0], 'Files | 10,000');
    assert.equal(shown.filter((line) => / \| deleted$/.test(line)).length, MOST_FILES);
    assert.equal(shown[MOST_FILES + 1], `  ${(10_000 - MOST_FILES).toLocaleString()} more files`);
  });

  describe('a badge', () => {
    let badges: StaleDecorations;
    let fired: string[];

    beforeEach(() => {
      badges = new StaleDecorations(parts.active, parts.settings);
      fired = [];
      badges.onDidChangeFileDecorations((uris) => fired.push(...uris.map(({ fsPath }) => fsPath)));
    });
    afterEach(() => badges.dispose());
    const badge = (name: string) => badges.provideFileDecoration(vscode.Uri.file(file(name)));

    it('is on a file that changed since the session read it, and goes when it is read again', async () => {
      write('src/cart.js', '// other\n');
      const session = await activate(parts, 'discount');
      assert.equal(badge('src/cart.js')?.badge, '≠');
      assert.equal(badge('src/cart.js')?.tooltip, 'Changed since the session discount read it');
      assert.equal(badge('src/price.js'), undefined);
      assert.equal(badges.provideFileDecoration(vscode.Uri.parse('untitled:src/cart.js')), undefined);
      await until(() => fired.length === 1 && fired[0] === file('src/cart.js'), 'only that file is painted');
      await session.takeForKnown('src/cart.js');
      await session.recheck();
      assert.equal(badge('src/cart.js'), undefined);
      await until(() => fired.length === 2 && fired[1] === file('src/cart.js'), 'it is painted again');
    });

    it('is gone when the session is closed, and where badges are turned off', async () => {
      write('src/cart.js', '// other\n');
      await activate(parts, 'discount');
      await set('decorations.enabled', false);
      await until(() => badge('src/cart.js') === undefined, 'no badge');
      await set('decorations.enabled', true);
      await until(() => badge('src/cart.js') !== undefined, 'a badge');
      await parts.active.close();
      assert.equal(badge('src/cart.js'), undefined);
    });
  });

  describe('the way on', () => {
    it('can be to read the changed files again, which ends the waiting', async () => {
      await set('drift.files', 'ask');
      write('src/cart.js', '// other\n');
      fs.rmSync(file('src/price.js'));
      await load();
      await notified(/until you continue/);
      assert.match(await tool('holdfast_writeFile', { path: 'new.txt', content: 'x' }), /Nothing was written/);
      await run('readChangedAgain');
      await stated(/^Read again: 2 files/);
      assert.equal((await decided()).at(-1)?.action, 'reread');
      assert.match(
        await tool('holdfast_editFile', { path: 'src/cart.js', oldText: 'other', newText: 'x' }),
        /was written/,
      );
      await run('closeSession');
      await load();
      await stated(/Nothing changed since it was saved/);
    });

    it('can be read-only, which the status bar and the row say, with a way back', async () => {
      write('src/cart.js', '// other\n');
      const bar = createStatusBar(parts.active, parts.settings);
      try {
        const session = await activate(parts, 'discount');
        await session.proceed('read-only');
        await until(() => bar.item.text.endsWith('$(lock) read-only'), 'the status bar says so');
        assert.equal(bar.item.command, 'holdfast.showActions');
        assert.match(bar.item.accessibilityInformation?.label ?? '', /revision 1\. Read-only: it edits no files/);
        parts.catalog.refresh();
        await until(
          async () => (await outline(parts.tree)).some((line) => /discount \| active, read-only/.test(line)),
          'the row',
        );
        await session.proceed();
        await until(() => bar.item.text.endsWith('1 changed'), 'it goes on');
      } finally {
        bar.dispose();
      }
    });

    it('can be read-only: what the agent says is kept, files are not edited', async () => {
      write('src/cart.js', '// other\n');
      await load();
      await run('continueReadOnly');
      assert.equal((await decided()).at(-1)?.action, 'read-only');
      assert.match(await tool('holdfast_readFile', { path: 'src/cart.js' }), /other/);
      assert.match(await tool('holdfast_writeFile', { path: 'src/cart.js', content: 'x' }), /read-only/);
      assert.equal(read('src/cart.js'), '// other\n');
      await run('continueSession');
      assert.match(await tool('holdfast_writeFile', { path: 'src/cart.js', content: 'x\n' }), /was written/);
    });

    it('is closed by the policy block, whatever was accepted before', async () => {
      write('src/cart.js', '// other\n');
      await load();
      await run('continueSession');
      await run('closeSession');
      await set('drift.files', 'block');
      person.notifications.length = 0;
      await load();
      const { actions } = await notified(/the drift policy for Files is “block”/);
      assert.deepEqual(actions, ['Show', 'Fork Instead…']);
      await run('continueSession');
      await notified(/discount cannot be continued/);
      assert.match(await tool('holdfast_writeFile', { path: 'src/cart.js', content: 'x' }), /Nothing was written/);
    });

    it('can begin with a briefing: the diff against what the session saw goes into the agent’s first message', async () => {
      write('src/cart.js', `// Reviewed: totals are in cents; \`date\`; $(date); "quoted"\n${read('src/cart.js')}`);
      await load();
      const text = await run('copyBriefing');
      assert.ok(typeof text === 'string');
      assert.match(text, /Reviewed: totals are in cents/);
      assert.match(text, /src\/cart\.js/);
      assert.equal(await vscode.env.clipboard.readText(), text);
      const terminals = watchTerminals();
      try {
        person.chooses('Resume in Claude Code');
        await run('continueWithBriefing');
        const [line] = terminals.sent;
        assert.ok(line);
        assert.doesNotMatch(line, /Reviewed|quoted|date/);
        const kept = path.join(sessions, 'briefings', `${path.basename(claudeTranscript(), '.jsonl')}.md`);
        const variable = /\b(bash|zsh|sh|dash|ksh|fish)$/.test(vscode.env.shell);
        const told = variable ? terminals.options[0]?.env?.['HOLDFAST_BRIEFING'] : fs.readFileSync(kept, 'utf8');
        assert.equal(told, text);
        assert.equal((await decided()).at(-1)?.action, 'continue-with-briefing');
      } finally {
        terminals.restore();
      }
    });

    it('leads nowhere while nobody picks a way to tell the agent', async () => {
      await set('drift.files', 'ask');
      write('src/cart.js', '// other\n');
      await load();
      await run('continueWithBriefing');
      assert.deepEqual(await decided(), []);
      assert.match(await tool('holdfast_writeFile', { path: 'new.txt', content: 'x' }), /Nothing was written/);
    });

    it('can begin with a briefing that was edited first', async () => {
      write('src/cart.js', '// other\n');
      await load();
      person.chooses('Read and Edit First');
      person.clicks(/This is what the agent will be told/, 'Copy');
      await run('continueWithBriefing');
      const document = vscode.window.activeTextEditor?.document;
      assert.match(document?.getText() ?? '', /^You are resuming the session `discount`/);
      assert.equal(await vscode.env.clipboard.readText(), document?.getText());
      assert.equal((await decided()).at(-1)?.action, 'continue-with-briefing');
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    });

    it('can begin with a line in the terminal that names the briefing, without pressing Enter', async () => {
      write('src/cart.js', '// $(touch owned)\n');
      await load();
      const terminal = vscode.window.createTerminal({ name: 'mine', cwd: vscode.Uri.file(file('.')) });
      try {
        terminal.show();
        await until(() => vscode.window.activeTerminal === terminal, 'the terminal is the active one');
        person.chooses('Type into the Terminal “mine”');
        await run('continueWithBriefing');
        const kept = path.join(sessions, 'briefings', `${path.basename(claudeTranscript(), '.jsonl')}.md`);
        assert.match(fs.readFileSync(kept, 'utf8'), /src\/cart\.js/);
        if (process.platform !== 'win32') assert.equal(fs.statSync(kept).mode & 0o777, 0o600);
        assert.equal((await decided()).at(-1)?.action, 'continue-with-briefing');
      } finally {
        terminal.dispose();
      }
    });

    it('writes no briefing through a link that leads out of the folder', async function () {
      if (process.platform === 'win32') this.skip();
      const elsewhere = scratch();
      fs.symlinkSync(elsewhere, path.join(sessions, 'briefings'));
      write('src/cart.js', `const text = \`\${env:HOME}\`;\n`);
      await load();
      const terminals = watchTerminals();
      try {
        person.chooses('Resume in Claude Code');
        await run('continueWithBriefing');
        await notified(/leads out of the folder, so no briefing was written there/);
        assert.deepEqual(fs.readdirSync(elsewhere), []);
        assert.deepEqual(terminals.sent, []);
        assert.deepEqual(await decided(), []);
      } finally {
        terminals.restore();
      }
    });

    it('without any change has nothing to tell', async () => {
      await load();
      assert.equal(await run('copyBriefing'), undefined);
      await stated(/Nothing changed since discount was saved: there is nothing to tell its agent/);
    });

    it('by a plain resume offers the briefing once, where something changed', async () => {
      write('src/cart.js', '// other\n');
      await load();
      const terminals = watchTerminals();
      try {
        await run('resumeInTerminal', 'discount');
        const { actions } = await notified(/its agent has not been told/);
        assert.deepEqual(actions, ['Copy Briefing']);
        await run('resumeInTerminal', 'discount');
        assert.equal(person.notifications.filter(({ text }) => /has not been told/.test(text)).length, 1);
        assert.equal(terminals.sent.length, 2);
      } finally {
        terminals.restore();
      }
    });
  });

  describe('which sessions read a file', () => {
    const items = async (name: string) => {
      const [place] = parts.places.all();
      assert.ok(place);
      parts.catalog.refresh();
      return (await readersOf(parts, place, file(name))).items;
    };

    it('is listed with the message, the time and whether it changed since', async () => {
      const [item] = await items('src/cart.js');
      assert.equal(item?.label, 'discount');
      assert.match(item?.description ?? '', /^read at message \d+, .+ · the current version$/);
      write('src/cart.js', '// other\n');
      const [changed] = await items('src/cart.js');
      assert.match(changed?.description ?? '', / · changed since$/);
    });

    it('is nobody for a file that no session has read, and that is said', async () => {
      write('lonely.txt', 'x\n');
      assert.deepEqual(await items('lonely.txt'), []);
      await run('whoRead', vscode.Uri.file(file('lonely.txt')));
      await notified(/^No saved session has read lonely\.txt\.$/);
    });
  });

  /** Terminals that only remember how they were made and what was typed into them. */
  function watchTerminals() {
    const window = vscode.window as unknown as Record<'createTerminal', unknown>;
    const real = window.createTerminal;
    const sent: string[] = [];
    const options: vscode.TerminalOptions[] = [];
    window.createTerminal = (made: vscode.TerminalOptions) => {
      options.push(made);
      return { show: () => undefined, sendText: (text: string) => void sent.push(text) };
    };
    return {
      sent,
      options,
      restore: () => {
        window.createTerminal = real;
      },
    };
  }
});
