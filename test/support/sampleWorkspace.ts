import fs from 'node:fs';
import path from 'node:path';

const fixtures = path.join(import.meta.dirname, '../fixtures/sample');

/** Stands in the sample transcripts for the folder in which the agents worked. */
const PLACEHOLDER = '/path/to/workspace';

export interface SampleWorkspace {
  /** The folder to open. */
  readonly folder: string;
  /** The home of the person whose agents worked there. */
  readonly home: string;
  /** What tells agents, and Holdfast, where that home is. */
  readonly env: Readonly<Record<'HOME' | 'USERPROFILE' | 'CLAUDE_CONFIG_DIR' | 'CODEX_HOME', string>>;
}

/**
 * A small project in `dir/shop` and, in `dir/home`, the transcripts that agents left when they worked on it.
 * The samples are in test/fixtures/sample: the project, and one folder of transcripts per agent.
 */
export function makeSampleWorkspace(dir: string): SampleWorkspace {
  fs.mkdirSync(dir, { recursive: true });
  const real = fs.realpathSync(dir);
  const folder = path.join(real, 'shop');
  const home = path.join(real, 'home');
  const claude = path.join(home, '.claude');
  const codex = path.join(home, '.codex');
  fs.cpSync(path.join(fixtures, 'project'), folder, { recursive: true });
  for (const name of transcripts('claude')) {
    // Claude Code names the project's folder by its path.
    place(`claude/${name}`, path.join(claude, 'projects', folder.replace(/[^A-Za-z0-9]/g, '-'), name), folder);
  }
  for (const name of transcripts('codex')) {
    const [, year = '', month = '', day = ''] = /^rollout-(\d+)-(\d+)-(\d+)T/.exec(name) ?? [];
    place(`codex/${name}`, path.join(codex, 'sessions', year, month, day, name), folder);
  }
  return { folder, home, env: { HOME: home, USERPROFILE: home, CLAUDE_CONFIG_DIR: claude, CODEX_HOME: codex } };
}

function transcripts(agent: string): string[] {
  return fs.readdirSync(path.join(fixtures, agent)).filter((name) => name.endsWith('.jsonl'));
}

function place(fixture: string, to: string, folder: string): void {
  const text = fs.readFileSync(path.join(fixtures, fixture), 'utf8');
  fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  fs.writeFileSync(to, text.replaceAll(PLACEHOLDER, JSON.stringify(folder).slice(1, -1)), { mode: 0o600 });
}
