import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const fixtures = path.join(import.meta.dirname, '../fixtures/sample');

/** Stands in the sample transcripts for the folder in which the agents worked. */
const PLACEHOLDER = '/path/to/workspace';

const MINUTE = 60_000;

/** How long ago each session's last line was written, ms: by the id in the name of its file. */
const AGES: readonly (readonly [id: string, ms: number])[] = [
  ['8c1d7e60-3b52-4f0a-9d7e-64a1b9c2e815', 2 * 60 * MINUTE],
  ['5f0c3a52-7d1e-4b8e-9a63-2f1d6c0b7e41', 26 * 60 * MINUTE],
  ['01a1fd8f-570d-7233-997c-447552f4bebf', 35 * MINUTE],
  ['01a1f8d2-4c3b-7a10-8e55-9b7f2c6d1a04', 3 * 24 * 60 * MINUTE],
];
/** The project was made before its sessions, and its README was changed after them. */
const PROJECT_AGE = 4 * 24 * 60 * MINUTE;
const README_AGE = 20 * MINUTE;

export interface SampleWorkspace {
  /** The folder to open. */
  readonly folder: string;
  /** The home of the person whose agents worked there. */
  readonly home: string;
  /** What tells agents, and Holdfast, where that home is. */
  readonly env: Readonly<Record<'HOME' | 'USERPROFILE' | 'CLAUDE_CONFIG_DIR' | 'CODEX_HOME', string>>;
}

/**
 * A small project in `dir/shop` and, in `dir/home`, the transcripts that agents left when they worked on it: two
 * sessions of Claude Code and two of Codex. Times are moved so that the last ones are hours ago (`now` is in ms since
 * the epoch); one session read README.md as it was before it changed. The project is a git repository where git is.
 */
export function makeSampleWorkspace(dir: string, now: number = Date.now()): SampleWorkspace {
  fs.mkdirSync(dir, { recursive: true });
  const real = fs.realpathSync(dir);
  const folder = path.join(real, 'shop');
  const home = path.join(real, 'home');
  const claude = path.join(home, '.claude');
  const codex = path.join(home, '.codex');
  makeProject(folder, now);
  for (const name of transcripts('claude')) {
    // Claude Code names the project's folder by its path.
    const project = path.join(claude, 'projects', folder.replace(/[^A-Za-z0-9]/g, '-'));
    place(moved(`claude/${name}`, folder, now), path.join(project, name));
  }
  for (const name of transcripts('codex')) {
    const transcript = moved(`codex/${name}`, folder, now);
    place(transcript, path.join(codex, 'sessions', rolloutName(name, transcript.first)));
  }
  return { folder, home, env: { HOME: home, USERPROFILE: home, CLAUDE_CONFIG_DIR: claude, CODEX_HOME: codex } };
}

function makeProject(folder: string, now: number): void {
  fs.cpSync(path.join(fixtures, 'project'), folder, { recursive: true });
  const made = (now - PROJECT_AGE) / 1000;
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (fs.statSync(file).isFile()) fs.utimesSync(file, made, made);
  }
  const changed = (now - README_AGE) / 1000;
  fs.utimesSync(path.join(folder, 'README.md'), changed, changed);
  const git = (...args: string[]): boolean =>
    spawnSync(
      'git',
      ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.invalid', '-c', 'commit.gpgsign=false', ...args],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    ).status === 0;
  if (git('init', '--quiet', '--initial-branch=main') && git('add', '--all'))
    git('commit', '--quiet', '-m', 'A cart and a login');
}

function transcripts(agent: string): string[] {
  return fs.readdirSync(path.join(fixtures, agent)).filter((name) => name.endsWith('.jsonl'));
}

interface Moved {
  readonly text: string;
  /** Times of the first and last line, ms since the epoch. */
  readonly first: number;
  readonly last: number;
}

/** The transcript with `folder` in the place of the placeholder, and all its times moved by the same span. */
function moved(fixture: string, folder: string, now: number): Moved {
  const text = fs.readFileSync(path.join(fixtures, fixture), 'utf8');
  const stamp = /"timestamp":"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g;
  const times = [...text.matchAll(stamp)].map((match) => Date.parse(match[1] as string));
  const age = AGES.find(([id]) => fixture.includes(id))?.[1] ?? 0;
  const shift = now - age - Math.max(...times);
  return {
    text: text
      .replaceAll(PLACEHOLDER, JSON.stringify(folder).slice(1, -1))
      .replace(stamp, (_, at: string) => `"timestamp":"${new Date(Date.parse(at) + shift).toISOString()}"`),
    first: Math.min(...times) + shift,
    last: now - age,
  };
}

/** Codex names folders and files by local time. */
function rolloutName(fixture: string, first: number): string {
  const id = /T\d\d-\d\d-\d\d-(.+)\.jsonl$/.exec(fixture)?.[1] ?? '';
  const local = new Date(first - new Date(first).getTimezoneOffset() * MINUTE).toISOString();
  const [year = '', month = '', day = ''] = local.slice(0, 10).split('-');
  return path.join(year, month, day, `rollout-${local.slice(0, 19).replaceAll(':', '-')}-${id}.jsonl`);
}

function place(transcript: Moved, to: string): void {
  fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  fs.writeFileSync(to, transcript.text, { mode: 0o600 });
  fs.utimesSync(to, transcript.last / 1000, transcript.last / 1000);
}
