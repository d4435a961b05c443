import { basename } from 'node:path';
import type { AgentHome, LiveSession } from '../agent.ts';
import { type FileState, fileState, headOf, insideOf, mapFew, realPath, withFile } from '../files.ts';
import { createScanCache, scanLines } from '../scan.ts';
import { object, optional, parseObject, string, time, words } from '../shape.ts';
import { isPrompt, tell } from './content.ts';
import { type ProjectFolder, projectFolders, rootHash, sessionFiles, slugOf } from './places.ts';
import { createLoadedRecords, entryOf } from './records.ts';

/** A `.json` up to this size is parsed in one go by a list; of a bigger one only the beginning is looked at. */
const WHOLE_BYTES = 1024 * 1024;
const HEAD_BYTES = 64 * 1024;

/** What a file tells by itself. */
interface Scanned {
  readonly session: Omit<LiveSession, 'cwd'>;
  readonly projectHash: string | undefined;
  readonly subAgent: boolean;
  /** Without a word of a conversation: what Gemini leaves behind when it starts, or resumes a session. */
  readonly empty: boolean;
  readonly lastUpdated: string | undefined;
}

const scans = createScanCache<Scanned>();

/** Gemini's sessions of this folder or one inside it, newest change first; sub-agents are left out. */
export async function findSessions(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const [home, isInside] = [await realPath(folder), await insideOf(folder)];
  const files: { readonly file: string; readonly cwd: string; readonly hash?: string }[] = [];
  for (const project of await projectFolders(where)) {
    const belongs = await belonging(project, home, isInside);
    if (belongs === undefined) continue;
    for (const file of await sessionFiles(project.path)) files.push({ file, ...belongs });
  }
  const found = await mapFew(files, async ({ file, cwd, hash }) => {
    const state = await fileState(file);
    const scanned = state === undefined ? undefined : await scans(file, state, () => scan(file, state));
    if (scanned === undefined || scanned.subAgent || scanned.empty) return undefined;
    return hash === undefined || scanned.projectHash === hash ? { ...scanned, cwd } : undefined;
  });
  return newestOfEach(found.filter((session) => session !== undefined));
}

/** The folder that a project's sessions belong to; where only its name tells, their `projectHash` must agree. */
async function belonging(
  project: ProjectFolder,
  home: string,
  isInside: (path: string) => Promise<boolean>,
): Promise<{ readonly cwd: string; readonly hash?: string } | undefined> {
  if (project.root !== undefined) {
    return (await isInside(project.root)) ? { cwd: project.root } : undefined;
  }
  const name = basename(project.path);
  const hash = rootHash(home);
  return name === hash || name === slugOf(home) ? { cwd: home, hash } : undefined;
}

/** One id may have several files: an old `.json` beside the `.jsonl` that went on from it. */
function newestOfEach(sessions: readonly (Scanned & { readonly cwd: string })[]): readonly LiveSession[] {
  const newest = new Map<string, Scanned & { readonly cwd: string }>();
  for (const one of sessions) {
    const other = newest.get(one.session.nativeId);
    if (other === undefined || lastChange(other) < lastChange(one)) newest.set(one.session.nativeId, one);
  }
  return [...newest.values()]
    .map(({ session, cwd }) => ({ ...session, cwd }))
    .sort((a, b) => b.changedAt - a.changedAt);
}

function lastChange({ session, lastUpdated }: Scanned): number {
  return lastUpdated === undefined ? session.changedAt : Date.parse(lastUpdated);
}

async function scan(file: string, state: FileState): Promise<Scanned> {
  const loaded = createLoadedRecords();
  let answer: string | undefined;
  let whole = true;
  if (file.endsWith('.jsonl')) {
    const scanned = await scanLines(file, state, ({ text, number }) => {
      const answered = text.includes('"type":"gemini"') && !text.startsWith('{"$set"');
      if (answered) answer = text;
      // Answers are most of a transcript, and a list shows nothing of them but the model of the last.
      const record = answered ? undefined : parseObject(text);
      const entry = record === undefined ? undefined : entryOf(record, number);
      if (entry !== undefined) loaded.apply(entry);
    });
    whole = scanned?.whole === true;
  } else {
    whole = state.size <= WHOLE_BYTES;
    const text = (await withFile(file, (handle) => headOf(handle, whole ? state.size : HEAD_BYTES))) ?? '';
    const session = parseObject(text) ?? headFields(text);
    const entry = entryOf(session, 1);
    if (entry !== undefined) loaded.apply(entry);
  }
  const last = answer === undefined ? undefined : parseObject(answer);
  const told = [...loaded.records].flatMap(([id, record]) => tell(record, id) ?? []);
  const prompts = told.filter(isPrompt);
  const model = string(last?.['model']) ?? told.flatMap((one) => one.model ?? []).at(-1);
  const { fields } = loaded;
  const lastUpdated = time(fields.get('lastUpdated'));
  return {
    session: {
      agent: 'gemini',
      nativeId: words(fields.get('sessionId')) ?? '',
      transcript: file,
      bytes: state.size,
      changedAt: state.mtimeMs,
      problems: fields.has('sessionId') ? [] : [{ code: 'bad-shape', detail: 'sessionId' }],
      ...optional('createdAt', time(fields.get('startTime'))),
      ...optional('title', words(fields.get('summary')) ?? words(prompts[0]?.shown)?.trim()),
      ...optional('model', model),
      ...optional('turns', whole ? prompts.length : undefined),
    },
    projectHash: string(fields.get('projectHash')),
    subAgent: fields.get('kind') === 'subagent',
    empty:
      whole &&
      answer === undefined &&
      !told.some(({ context, text, calls }) => !context && (text !== '' || calls.length > 0)),
    lastUpdated,
  };
}

/** The fields that stand before the messages of a `.json` that is too big to parse for a list. */
function headFields(text: string): { readonly [field: string]: unknown } {
  const fields = new Map<string, unknown>();
  for (const name of ['sessionId', 'projectHash', 'startTime', 'lastUpdated', 'kind']) {
    const value = new RegExp(`"${name}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1];
    if (value !== undefined) fields.set(name, object(parseObject(`{"value":${value}}`))?.['value']);
  }
  return Object.fromEntries(fields);
}

/** The transcript of a session in any project: the one with its conversation, not what a resume left beside it. */
export async function transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined> {
  const wanted = nativeId.toLowerCase();
  const files: string[] = [];
  for (const { path } of await projectFolders(where)) {
    for (const file of await sessionFiles(path)) {
      // Gemini's own names, and ours, have the beginning of the id in them; others may be anything.
      const usual = /-[0-9a-f]{8}(?:-[0-9a-f]{8})?\.jsonl?$/i.test(file);
      if (
        !usual ||
        basename(file)
          .toLowerCase()
          .includes(`-${wanted.slice(0, 8)}`)
      )
        files.push(file);
    }
  }
  const found = await mapFew(files, async (file) => {
    const state = await fileState(file);
    return state === undefined ? undefined : scans(file, state, () => scan(file, state));
  });
  const same = found
    .filter((one) => one !== undefined)
    .filter(({ session, empty }) => session.nativeId.toLowerCase() === wanted && !empty)
    .sort((a, b) => lastChange(b) - lastChange(a));
  return same[0]?.session.transcript;
}
