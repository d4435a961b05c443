import assert from 'node:assert/strict';
import fs from 'node:fs';
import { commands, env } from 'vscode';
import { agents, type HandOverReport } from '../../src/agents/index.ts';
import { notGivenText, planText, reportText, tokensText } from '../../src/vscode/giving/giftWords.ts';
import { beforeLine } from '../../src/vscode/resuming/beforeLine.ts';
import { type Person, sitDown } from './support/person.ts';
import { rewrite, saveSample } from './support/saved.ts';
import { watchTerminals } from './support/terminals.ts';
import { api, claudeTranscript, reset, set, store } from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) => commands.executeCommand(`holdfast.${command}`, ...args);
const nothing: HandOverReport = {
  messages: 1,
  callsMapped: 0,
  callsKept: 0,
  callsAsText: 0,
  reasoningDropped: 0,
  systemDropped: 0,
  imagesKept: 0,
  imagesAsText: 0,
  partsAsText: 0,
  outputsDropped: 0,
  messagesDropped: 0,
  interrupted: 0,
  tokens: 0,
};

describe('A session on its way to an agent', () => {
  let person: Person;
  let terminals: ReturnType<typeof watchTerminals>;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    terminals = watchTerminals();
    await saveSample(person, 'discount');
  });
  afterEach(async () => {
    terminals.restore();
    person.restore();
    await reset();
  });

  const codexFiles = (): string[] =>
    fs
      .readdirSync(process.env['CODEX_HOME'] ?? '', { recursive: true, encoding: 'utf8' })
      .filter((one) => /jsonl$/.test(one));
  const told = (): string[] =>
    person.notifications.map(({ text }) => text).filter((text) => !/has not been told/.test(text));

  it('is offered its own agent first, then the others, then those that a person has to open it in', async () => {
    await run('resumeIn', 'discount');
    const [labels = []] = person.picks;
    assert.deepEqual(labels.slice(0, 4), ['Its own agent', 'Claude Code', 'Other agents', 'Codex']);
    const byHand = labels.indexOf('By hand');
    assert.ok(byHand > 3);
    for (const { label, native } of agents)
      if (native) assert.equal(labels.indexOf(label) > byHand, native.resumeCommand === undefined, label);
    assert.equal(person.asked[0]?.title, 'Resume discount in');
    assert.deepEqual(terminals.opened, []);
  });

  it('goes on in its own agent with its own session', async () => {
    person.chooses('Claude Code');
    await run('resumeIn', 'discount');
    const id = /([0-9a-f-]{36})\.jsonl$/.exec(claudeTranscript())?.[1];
    assert.deepEqual(
      terminals.opened.map(({ lines }) => lines),
      [[`claude --resume ${id}`]],
    );
    assert.deepEqual(told(), []);
  });

  it('is written for another agent, in the size that was picked, and started there', async () => {
    const before = codexFiles();
    const source = fs.readFileSync(claudeTranscript());
    person.chooses('Codex', 'Whole');
    await run('handOver', 'discount');
    assert.deepEqual(person.picks[1]?.[0], 'Whole', 'the whole comes first');
    const added = codexFiles().filter((name) => !before.includes(name));
    assert.equal(added.length, 1, JSON.stringify(person.notifications));
    const id = /([0-9a-f-]{36})\.jsonl$/.exec(added[0] ?? '')?.[1];
    assert.deepEqual(
      terminals.opened.map(({ lines, options }) => [options.name, ...lines]),
      [['discount', `codex resume ${id}`]],
    );
    assert.deepEqual(fs.readFileSync(claudeTranscript()), source, 'the agent’s own transcript is only read');
    // Handed over once more, it is there already.
    person.chooses('Codex', 'Whole');
    await run('handOver', 'discount');
    assert.equal(codexFiles().length, before.length + 1);
    assert.equal(terminals.opened.length, 2);
  });

  it('is written for nobody where the person leaves the question, or sessions are turned off', async () => {
    const before = codexFiles();
    person.chooses('Codex');
    await run('handOver', 'discount');
    assert.equal(person.picks.length, 2);
    await set('enabled', false);
    await run('handOver', 'discount');
    await run('resumeIn', 'discount');
    assert.match(told().at(-1) ?? '', /turned off here/);
    assert.deepEqual(codexFiles(), before);
    assert.deepEqual(terminals.opened, []);
  });

  it('offers no shorter variant that is as long as the whole', async () => {
    await rewrite('discount', ({ body, history }) => ({
      body,
      history: [
        { id: 'm0', role: 'user', content: 'Hello' },
        { id: 'm1', role: 'assistant', content: 'Hello.' },
        ...history.slice(0, 0),
      ],
    }));
    person.chooses('Codex');
    await run('handOver', 'discount');
    assert.deepEqual(person.picks[1], ['Whole']);
  });

  it('is put where a person finds it, with the steps, where an agent takes no command', async () => {
    person.chooses('GitHub Copilot Chat');
    const label = agents.find(({ id }) => id === 'copilot-chat')?.label;
    assert.ok(label);
    person.chooses(label);
    person.clicks(/Import Chat opens it there/, 'Copy Path');
    await run('resumeIn', 'discount');
    await run('resumeIn', 'discount');
    const file = await env.clipboard.readText();
    assert.match(told().at(-1) ?? '', /was written for the Chat view: .*\. Import Chat opens it there\.$/);
    assert.ok(fs.existsSync(file), file);
    fs.rmSync(file);
    assert.deepEqual(terminals.opened, []);
  });

  it('takes what has a newer schema, or cannot be read, to nobody', async () => {
    const [entry] = await store().list();
    assert.ok(entry);
    fs.writeFileSync(entry.file, fs.readFileSync(entry.file, 'utf8').replace('holdfast/1', 'holdfast/9'));
    await run('refresh');
    person.chooses('Codex', 'Codex');
    await run('handOver', 'discount');
    await run('resumeIn', 'discount');
    for (const text of told())
      assert.equal(text, 'discount was not given to Codex. The session was saved by a newer version of Holdfast.');
    assert.equal(told().length, 2);
    assert.deepEqual(terminals.opened, []);
  });
});

describe('Words about a session that is handed over', () => {
  it('tell a number of tokens as exactly as it is known', () => {
    const all = [0, 7, 96, 995, 1234, 9_871, 48_123, 1_250_000].map(tokensText);
    assert.deepEqual(all, [
      '≈ 10 tokens',
      '≈ 10 tokens',
      '≈ 100 tokens',
      '≈ 1,000 tokens',
      '≈ 1,200 tokens',
      '≈ 9,900 tokens',
      '≈ 48,000 tokens',
      '≈ 1,300,000 tokens',
    ]);
  });

  it('speak only of what there is', () => {
    assert.equal(reportText(nothing), '1 message');
    assert.equal(
      reportText({
        ...nothing,
        messages: 31,
        callsMapped: 10,
        callsKept: 2,
        callsAsText: 3,
        reasoningDropped: 4,
        outputsDropped: 1_200,
      }),
      '31 messages · tool calls kept: 12 · tool calls as text: 3 · outputs left out: 1,200 · reasoning left out: 4',
    );
  });

  it('say of every plan what happens, and of every failure that nothing was left behind', () => {
    const [agent] = agents;
    assert.ok(agent);
    assert.equal(planText({ kind: 'present', nativeId: 'x', transcript: '/t' }, true), 'Goes on with its own session');
    assert.match(planText({ kind: 'present', nativeId: 'x', transcript: '/t' }, false), /^Has it already/);
    assert.match(planText({ kind: 'to-write', nativeId: 'x', from: 'raw' }, true), /nothing is lost$/);
    assert.equal(planText({ kind: 'to-write', nativeId: 'x', from: 'messages', report: nothing }, false), '1 message');
    for (const code of ['not-native', 'unsafe-id', 'not-open', 'newer-schema'] as const)
      assert.ok(notGivenText('a', agent, { kind: 'refused', code }).startsWith('a was not given to '));
    const problems = [{ code: 'broken-chain' as const }, { code: 'broken-chain' as const }, { code: 'empty' as const }];
    assert.match(
      notGivenText('a', agent, { kind: 'invalid', problems }),
      /\(broken-chain, empty\)\. Nothing was left behind\.$/,
    );
  });
});

describe('A command that is typed before the agent starts', () => {
  const line = (...args: readonly string[]): string | undefined => beforeLine({ command: 'opencode', args });

  it('has its paths in double quotes where they need it', () => {
    assert.equal(line('import', '/home/me/s.json'), 'opencode import /home/me/s.json');
    assert.equal(line('import', '/home/m e/é (1)/s.json'), 'opencode import "/home/m e/é (1)/s.json"');
    assert.equal(line('import', 'C:\\Users\\Me\\s.json'), 'opencode import "C:\\Users\\Me\\s.json"');
  });

  it('is none where a shell could read a word in another way', () => {
    for (const word of ['', 'a"b', '$(a)', '`a`', '%A%', 'a!b', 'a\nb', 'a\u201db', 'a\\\\b', 'a b\\', '\0', '\u0085'])
      assert.equal(line(word), undefined, JSON.stringify(word));
    assert.equal(beforeLine({ command: 'my agent', args: [] }), undefined);
  });
});
