// Records the sessions of the sample workspace with the real agents, and writes test/fixtures/sample.
//   npm run record      with HOLDFAST_CLAUDE and HOLDFAST_CODEX naming their programs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keepClaude } from './keepClaude.ts';
import { keepCodex } from './keepCodex.ts';
import { messagesApi, responsesApi } from './modelApis.ts';
import { type PlayedModel, playModel } from './playModel.ts';
import { agentPrograms, runClaude, runCodex, versionOf } from './runAgent.ts';
import { type Prompt, type SampleSession, sampleSessions, type Turn } from './sampleSessions.ts';

const fixtures = path.resolve(import.meta.dirname, '../../fixtures');
/** Stands in the sample transcripts for the folder in which the agents worked: see sampleWorkspace.ts. */
const PLACEHOLDER = '/path/to/workspace';

if (process.env['CI']) throw new Error('Sessions are recorded by a developer, not in CI.');
const { claude, codex } = agentPrograms(process.env);
if (claude === undefined || codex === undefined) {
  console.error(
    'Nothing is recorded: install both agents somewhere (npm install --prefix <folder> @anthropic-ai/claude-code @openai/codex)\n' +
      'and let HOLDFAST_CLAUDE and HOLDFAST_CODEX name their programs (<folder>/node_modules/.bin/claude and …/codex).',
  );
  process.exit(1);
}
const programs = { claude, codex };
console.log(`Recording with Claude Code ${versionOf(claude)} and Codex ${versionOf(codex)}.`);

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-record-')));
process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
const home = path.join(dir, 'home');
const folder = path.join(dir, 'shop');
fs.cpSync(path.join(fixtures, 'start'), folder, { recursive: true });
const author = ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.invalid', '-c', 'commit.gpgsign=false'];
for (const args of [
  ['init', '--quiet', '--initial-branch=main'],
  ['add', '--all'],
  ['commit', '--quiet', '-m', 'A cart and a login'],
])
  if (spawnSync('git', [...author, ...args], { cwd: folder, stdio: 'inherit' }).status !== 0)
    throw new Error(`git ${args.join(' ')} failed`);

await using messages = await playModel(messagesApi);
await using responses = await playModel(responsesApi);
const recorded = new Map<string, string>();
for (const session of sampleSessions(folder)) {
  const [file, text] = session.agent === 'claude' ? await recordClaude(session) : await recordCodex(session);
  const clean = text.replaceAll(folder, PLACEHOLDER);
  if (clean.includes(dir)) throw new Error(`${file} names a path of this machine`);
  recorded.set(path.join(session.agent, file), clean);
}

// Nothing is replaced before every session is recorded.
for (const agent of ['claude', 'codex'])
  fs.rmSync(path.join(fixtures, 'sample', agent), { recursive: true, force: true });
for (const [file, text] of recorded) {
  const to = path.join(fixtures, 'sample', file);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, text);
  console.log(`${file}: ${text.split('\n').length - 1} lines, ${text.length} characters`);
}
for (const name of ['src', 'test', 'docs'])
  fs.cpSync(path.join(folder, name), path.join(fixtures, 'sample/project', name), { recursive: true });

async function recordClaude({ id, title, turns }: SampleSession): Promise<[file: string, text: string]> {
  const run = { program: programs.claude, folder, home, url: messages.url };
  const streams = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  const rights = ['--permission-mode', 'acceptEdits', '--allowedTools=Bash'];
  for (const [index, { prompts, steps }] of turns.entries()) {
    const session =
      index === 0 ? ['--session-id', id, ...(title === undefined ? [] : ['--name', title])] : ['--resume', id];
    await play(messages, steps, () => runClaude(run, [...streams, ...rights, ...session], typed(prompts)));
  }
  const file = `${id}.jsonl`;
  const project = path.join(home, '.claude/projects', folder.replace(/[^A-Za-z0-9]/g, '-'));
  return [file, keepClaude(fs.readFileSync(path.join(project, file), 'utf8'))];
}

/** What a person types, as Claude Code takes it from a stream. */
function typed(prompts: readonly Prompt[]): string {
  return prompts
    .map((prompt, index) => {
      const content =
        typeof prompt === 'string'
          ? prompt
          : [
              { type: 'text', text: prompt.text },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: prompt.png } },
            ];
      const message = { type: 'user', message: { role: 'user', content } };
      return `${JSON.stringify(index < prompts.length - 1 ? { ...message, shouldQuery: false } : message)}\n`;
    })
    .join('');
}

async function recordCodex({ id, turns }: SampleSession): Promise<[file: string, text: string]> {
  const run = { program: programs.codex, folder, home, url: responses.url };
  const sessions = path.join(home, '.codex/sessions');
  let own: string | undefined;
  for (const { prompts, steps } of turns) {
    const prompt = prompts.at(-1);
    if (prompts.length !== 1 || typeof prompt !== 'string') throw new Error('Codex is given one text a turn');
    const args = own === undefined ? ['--disable', 'plugins', '--json', prompt] : ['resume', '--json', own, prompt];
    const out = await play(responses, steps, () => runCodex(run, args));
    own ??= /"thread_id":"([^"]+)"/.exec(out)?.[1];
  }
  const rollout = fs
    .readdirSync(sessions, { recursive: true, encoding: 'utf8' })
    .find((name) => own !== undefined && name.endsWith(`${own}.jsonl`));
  if (own === undefined || rollout === undefined) throw new Error('Codex left no rollout');
  // Codex takes no id from outside: the one it chose makes way for the one that stays from recording to recording.
  const text = keepCodex(fs.readFileSync(path.join(sessions, rollout), 'utf8')).replaceAll(own, id);
  return [path.basename(rollout).replace(own, id), text];
}

async function play(model: PlayedModel, steps: Turn['steps'], run: () => Promise<string>): Promise<string> {
  model.play(steps);
  const out = await run();
  if (model.left() > 0 || model.requests().length !== steps.length)
    throw new Error(`the agent asked ${model.requests().length} times for ${steps.length} answers\n${out}`);
  return out;
}
