import { isAbsolute, join } from 'node:path';
import { createPacer } from '../../files/pacer.ts';
import { isPlainKey } from '../../files/paths.ts';
import type { FileFreshness } from '../../files/stamp.ts';
import { commitsSince, seenInGit } from '../../git/history.ts';
import type { GitEnvironment } from '../../git/runGit.ts';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { SessionDocument } from '../../store/sessionStore.ts';
import { isStale } from '../decide.ts';
import type { DriftReport } from '../report.ts';
import type { BriefedFile, BriefingFacts } from './briefing.ts';
import { diffTexts } from './diffTexts.ts';
import { interruptedCalls } from './interruptedCalls.ts';
import { readText } from './readText.ts';

/** Files whose texts are compared, the ones read last first; a briefing has room for fewer. */
const MAX_COMPARED = 50;
/** Characters of all paths that are named to git: Windows takes command lines of 32,767. */
const MAX_PATHS = 16_000;

export interface GatherOptions {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  /** The session, open; only its last messages are read. */
  readonly document: SessionDocument;
  readonly report: DriftReport;
  /** The text of a file as the session saw it, where anything holds it. Where nothing does, git is asked for the recorded commit's and the current one's. */
  readonly seenText: (key: string) => Promise<string | undefined>;
  /** The text of an open editor with unsaved changes on this absolute path. */
  readonly unsavedText?: (path: string) => string | undefined;
  /** git's environment. Default: this process's. */
  readonly env?: GitEnvironment;
}

/** Reads what a briefing needs: files now, git's log, the calls that were cut off. Writes nothing; a file that cannot be read is told without its text. */
export async function gatherBriefing(options: GatherOptions): Promise<BriefingFacts> {
  const { folder, document, report, env = process.env } = options;
  const { body } = document;
  const differing = report.files.filter((file) => isStale(file) || file.freshness === 'unknown');
  const files = latestFirst(differing, body.read_cache ?? {});
  const head = body.workspace?.git?.head;
  const [briefed, history, interrupted] = await Promise.all([
    briefFiles(options, files, head, env),
    head === undefined ? Promise.resolve(undefined) : commitsSince(folder, head, pathsOf(files), env),
    interruptedCalls(document),
  ]);
  return {
    name: document.name,
    ...(body.saved_at === undefined ? {} : { savedAt: body.saved_at }),
    files: briefed,
    commits: history?.commits ?? [],
    ...(history?.more === true ? { moreCommits: true } : {}),
    ...(head === undefined || history?.recorded === undefined
      ? {}
      : { recordedHead: { hash: head, kind: history.recorded } }),
    config: report.config,
    tools: report.tools,
    workspace: report.workspace,
    interrupted,
  };
}

/** What was read last is what the model remembers best, and works on. Files that are known to differ come before those that may. */
function latestFirst(
  files: readonly FileFreshness[],
  cache: Readonly<Record<string, ReadCacheEntry>>,
): readonly FileFreshness[] {
  const entries = new Map(Object.entries(cache));
  const at = ({ key }: FileFreshness): number => entries.get(key)?.message ?? 0;
  return [...files].sort((a, b) => Number(isStale(b)) - Number(isStale(a)) || at(b) - at(a));
}

function pathsOf(files: readonly FileFreshness[]): readonly string[] {
  const paths: string[] = [];
  let room = MAX_PATHS;
  for (const { key, movedTo } of files) {
    for (const path of [key, movedTo]) {
      if (path === undefined || !isPlainKey(path)) continue;
      room -= path.length + 3;
      if (room < 0) return paths;
      paths.push(path);
    }
  }
  return paths;
}

async function briefFiles(
  options: GatherOptions,
  files: readonly FileFreshness[],
  head: string | undefined,
  env: GitEnvironment,
): Promise<readonly BriefedFile[]> {
  const pause = createPacer();
  const entries = new Map(Object.entries(options.document.body.read_cache ?? {}));
  const briefed: BriefedFile[] = [];
  let compared = 0;
  for (const file of files) {
    const { key, freshness, movedTo } = file;
    let diff: BriefedFile['diff'];
    if (compared < MAX_COMPARED && (freshness === 'changed' || freshness === 'unsaved' || freshness === 'moved')) {
      compared += 1;
      const now = await textNow(options, file);
      const seen = now === undefined ? undefined : await textSeen(options, key, entries.get(key), head, env);
      if (now !== undefined && seen !== undefined) diff = diffTexts(seen, now);
      await pause();
    }
    briefed.push({
      key,
      freshness,
      ...(movedTo === undefined ? {} : { movedTo }),
      ...(diff === undefined ? {} : { diff }),
    });
  }
  return briefed;
}

async function textSeen(
  { folder, seenText }: GatherOptions,
  key: string,
  entry: ReadCacheEntry | undefined,
  head: string | undefined,
  env: GitEnvironment,
): Promise<string | undefined> {
  const known = await seenText(key);
  if (known !== undefined || entry === undefined) return known;
  return seenInGit(folder, head, key, entry, env);
}

/** The text of a file now; an open editor's counts. */
async function textNow({ folder, unsavedText }: GatherOptions, file: FileFreshness): Promise<string | undefined> {
  const { path, movedTo } = file;
  if (movedTo === undefined) return unsavedText?.(path) ?? readText(path);
  const moved = isAbsolute(movedTo) || !isPlainKey(movedTo) ? undefined : join(folder, movedTo);
  return moved === undefined ? undefined : (unsavedText?.(moved) ?? readText(moved));
}
