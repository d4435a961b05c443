import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import * as vscode from 'vscode';
import type { Agent } from '../../src/agents/index.ts';
import { agentById } from '../../src/agents/index.ts';
import { terminalOptions } from '../../src/vscode/resuming/startInTerminal.ts';
import { terminalStart } from '../../src/vscode/resuming/terminalStart.ts';
import { makeParts } from './support/parts.ts';
import { file, reset, until, write } from './support/world.ts';

const ID = '8c1d7e60-3b52-4f0a-9d7e-64a1b9c2e815';
const HOSTILE =
  'a `touch owned` $(touch owned) "q" \'s\' \\ !! %PATH% $HOME\n; touch owned\n\t*? ~ é 漢 😀 -- --resume\n';
const claude = agentById('claude-code');
const codex = agentById('codex');

describe('A briefing on its way into a terminal', () => {
  const start = (agent: Agent | undefined, shell: string, briefing?: string, more = {}) => {
    assert.ok(agent);
    return terminalStart(agent, ID, { shell, briefing, sessionsFolder: '.sessions', ...more });
  };

  it('is a variable’s value for a shell that takes variables: no byte of it is in the command', () => {
    for (const shell of ['/bin/bash', '/usr/bin/zsh', 'sh', '/bin/dash', '/usr/bin/fish', 'C:\\Git\\bin\\bash.exe'])
      assert.deepEqual(start(claude, shell, HOSTILE), {
        line: `claude --resume ${ID} -- "$HOLDFAST_BRIEFING"`,
        env: { HOLDFAST_BRIEFING: HOSTILE },
      });
    assert.equal(start(codex, '/bin/bash', HOSTILE)?.line, `codex resume ${ID} -- "$HOLDFAST_BRIEFING"`);
  });

  it('is a file for any other shell, which the first message names', () => {
    for (const shell of ['pwsh', 'C:\\Windows\\System32\\cmd.exe', '/usr/bin/nu', 'csh', ''])
      assert.deepEqual(start(claude, shell, HOSTILE), {
        line: `claude --resume ${ID} -- "Read the file .sessions/briefings/${ID}.md first. It tells what changed since this conversation was saved."`,
        file: { name: `${ID}.md`, text: HOSTILE },
      });
  });

  it('is a file, too, where it is long, or has what VS Code would replace in an environment', () => {
    for (const text of ['x'.repeat(30_001), `a \${env:HOME} b`]) {
      const started = start(claude, '/bin/bash', text);
      assert.equal(started?.env, undefined);
      assert.equal(started?.file?.text, text);
    }
  });

  it('never changes the command, whatever it says', () => {
    const plain = /^claude --resume [0-9a-f-]{36} -- "(\$HOLDFAST_BRIEFING|Read the file [\w./-]+ first\. [\w .]+)"$/;
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'$', ...'{}"`\'\\\n\0 a!%;&|漢', '\ud800') }),
        fc.constantFrom('bash', 'cmd.exe', 'pwsh'),
        (text, shell) => {
          assert.match(start(claude, shell, text)?.line ?? '', plain);
        },
      ),
    );
  });

  it('cannot be told of where the sessions’ folder has a name that a shell might read otherwise', () => {
    assert.equal(start(claude, 'pwsh', 'x', { sessionsFolder: 'my $(sessions)' }), undefined);
    assert.ok(start(claude, 'bash', 'x', { sessionsFolder: 'my $(sessions)' }));
  });

  it('goes beside a model that is quoted where it has brackets, and refused where it could be more than a word', () => {
    assert.equal(
      start(claude, 'bash', undefined, { model: 'sonnet[1m]' })?.line,
      `claude --resume ${ID} --model "sonnet[1m]"`,
    );
    for (const model of ['a b', 'a;b', '$(a)', 'a"b', '`a`', '%a%', ''])
      assert.equal(start(claude, 'bash', undefined, { model }), undefined, model);
  });

  it('arrives byte for byte at a program in a real terminal', async function () {
    if (process.platform === 'win32') this.skip();
    await reset();
    write('agent.cjs', "require('node:fs').writeFileSync('got.json', JSON.stringify(process.argv.slice(2)))\n");
    const { native } = claude;
    assert.ok(native);
    const agent: Agent = {
      ...claude,
      native: {
        ...native,
        resumeCommand: (id, { prompt = '' } = {}) => ({ command: 'node', args: ['agent.cjs', id, '--', prompt] }),
      },
    };
    const started = start(agent, '/bin/bash', HOSTILE);
    const parts = makeParts();
    const [place] = parts.places.all();
    assert.ok(place && started);
    const terminal = vscode.window.createTerminal({
      ...terminalOptions(place, 'agent', started),
      shellPath: '/bin/bash',
    });
    try {
      terminal.sendText(started.line);
      const got = await until(() => fs.existsSync(file('got.json')) && fs.readFileSync(file('got.json'), 'utf8'), 'it');
      assert.deepEqual(JSON.parse(got), [ID, '--', HOSTILE]);
      assert.ok(!fs.existsSync(file('owned')));
    } finally {
      terminal.dispose();
      await parts.dispose();
      await reset();
    }
  });
});
