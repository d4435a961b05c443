import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  type AgentConfig,
  type BriefingFacts,
  compareSession,
  composeBriefing,
  createReadCache,
  type DriftReport,
  findMoved,
  gatherBriefing,
  type Message,
  readWorkspace,
  type SessionDocument,
  type SnapshotBody,
  stampFile,
  sweep,
  type Tool,
  toEntry,
} from '../../../../src/core/index.ts';

export const SAVED_AT = '2026-11-20T10:45:10.004Z';

/** What has changed on the agent's side. */
export interface Changed {
  readonly config?: AgentConfig;
  readonly tools?: readonly Tool[];
  /** Unsaved texts of open editors by key. */
  readonly unsaved?: Readonly<Record<string, string>>;
}

/** A real git repository in a temporary folder, whose commits have the same hashes on every machine. */
export interface Repository {
  readonly folder: string;
  git(...args: string[]): string;
  write(file: string, content: string | Uint8Array): void;
  /** Commits everything; every commit is a minute after the one before. */
  commit(subject: string): string;
  /** Saves a session that has read these files, in this order. */
  save(files: readonly string[], more?: Partial<SnapshotBody>, history?: readonly Message[]): Promise<SavedSession>;
  remove(): void;
}

export interface SavedSession {
  readonly document: SessionDocument;
  report(changed?: Changed): Promise<DriftReport>;
  facts(changed?: Changed): Promise<BriefingFacts>;
  briefing(changed?: Changed): Promise<string | undefined>;
}

export function makeRepository(): Repository {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-drift-')));
  let minute = 0;
  const git = (...args: string[]): string => {
    const date = `2026-11-20T11:${String(minute).padStart(2, '0')}:00Z`;
    const ann = { name: 'Ann', email: 'ann@host.invalid' };
    const env = {
      ...process.env,
      GIT_CONFIG_GLOBAL: os.devNull,
      GIT_CONFIG_NOSYSTEM: '1',
      ...{ GIT_AUTHOR_NAME: ann.name, GIT_AUTHOR_EMAIL: ann.email, GIT_AUTHOR_DATE: date },
      ...{ GIT_COMMITTER_NAME: ann.name, GIT_COMMITTER_EMAIL: ann.email, GIT_COMMITTER_DATE: date },
    };
    return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
  };
  git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    git,
    write(file, content) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), content);
    },
    commit(subject) {
      minute += 1;
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '-m', subject);
      return git('rev-parse', 'HEAD');
    },
    save: (files, more, history) => saveSession(folder, files, more, history),
    remove: () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function saveSession(
  folder: string,
  files: readonly string[],
  more: Partial<SnapshotBody> = {},
  history: readonly Message[] = [],
): Promise<SavedSession> {
  const cache = createReadCache(folder);
  for (const [index, file] of files.entries()) {
    const stamped = await stampFile(path.join(folder, file));
    if (stamped.kind !== 'stamped') throw new Error(`${file}: ${stamped.kind}`);
    cache.set(file, toEntry(stamped.stamp, { message: index + 1 }));
  }
  const body: SnapshotBody = {
    session_id: 's-1',
    created_at: SAVED_AT,
    saved_at: SAVED_AT,
    workspace: await readWorkspace(folder),
    read_cache: cache.entries(),
    ...more,
  };
  const document: SessionDocument = {
    name: 'shop',
    body,
    messageCount: history.length,
    readOnly: false,
    recovered: { events: 0, of: 0 },
    problems: [],
    messages: (from, to) => Promise.resolve(history.slice(from, to)),
    toSession: () => Promise.resolve({ body, history }),
    close: () => Promise.resolve(),
  };
  const report = async ({ config, tools, unsaved = {} }: Changed = {}): Promise<DriftReport> => {
    const swept = await findMoved(cache, await sweep(cache), { head: body.workspace?.git?.head });
    return compareSession(
      { body, history },
      {
        ...(config === undefined ? {} : { config }),
        ...(tools === undefined ? {} : { tools }),
        workspace: await readWorkspace(folder),
        files: swept.map((file) => (file.key in unsaved ? { ...file, freshness: 'unsaved' as const } : file)),
      },
    );
  };
  const facts = async (changed: Changed = {}): Promise<BriefingFacts> =>
    gatherBriefing({
      folder,
      document,
      report: await report(changed),
      seenText: () => Promise.resolve(undefined),
      unsavedText: (file) => changed.unsaved?.[path.relative(folder, file).replaceAll(path.sep, '/')],
    });
  return { document, report, facts, briefing: async (changed) => composeBriefing(await facts(changed)) };
}

export function numbered(count: number, line = (number: number): string => `line ${number}`): string {
  return Array.from({ length: count }, (_, index) => `${line(index + 1)}\n`).join('');
}
