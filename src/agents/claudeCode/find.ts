import { basename, dirname, join } from 'node:path';
import type { AgentHome, LiveSession, TranscriptBase } from '../agent.ts';
import { fileState, mapFew, namesIn, realPath, withFile } from '../files.ts';
import { readLines } from '../lines.ts';
import { createScanCache, listed, scanLines } from '../scan.ts';
import { object, parseObject, string } from '../shape.ts';
import { createUsageLog } from '../usage.ts';
import { isUuid } from '../uuid.ts';
import { typedText, userContent } from './content.ts';
import { createFactLog } from './factLog.ts';
import { projectFolders } from './places.ts';

/** A transcript as its file tells, before it is known whose workspace it is. */
interface Found extends LiveSession {
  /** The session whose beginning lies in another file (2.0.1): its lines keep that one's id and hang in its lines. */
  readonly continues: string | undefined;
  readonly recordedCwd: string | undefined;
}

const cached = createScanCache<Found>();

/** Claude Code's sessions of exactly this folder, newest change first. */
export async function findSessions(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const files: string[] = [];
  for (const project of await projectFolders(where, folder)) {
    for (const name of await namesIn(project)) {
      if (name.endsWith('.jsonl') && isUuid(name.slice(0, -'.jsonl'.length))) files.push(join(project, name));
    }
  }
  const home = await realPath(folder);
  const found = await mapFew(files, async (file) => {
    const state = await fileState(file);
    if (state === undefined) return undefined;
    const session = await cached(file, state, () => scan(file, state));
    const cwd = session.recordedCwd;
    // Two folders can have one name for the agent (`/a/b` and `/a-b`); a file without a cwd is taken at its place.
    return cwd === undefined || (await realPath(cwd)) === home ? { ...session, cwd: cwd ?? folder } : undefined;
  });
  return newestOfEach(found.filter((session) => session !== undefined));
}

/** A session that went on in a new file is shown once, by the newest file. */
function newestOfEach(sessions: readonly Found[]): readonly LiveSession[] {
  const newest = new Map<string, Found>();
  for (const session of sessions) {
    const key = session.continues ?? session.nativeId;
    const other = newest.get(key);
    if (other === undefined || other.changedAt < session.changedAt) newest.set(key, session);
  }
  return [...newest.values()]
    .sort((a, b) => b.changedAt - a.changedAt)
    .map(({ continues, recordedCwd, ...session }) => session);
}

async function scan(file: string, state: { readonly size: number; readonly mtimeMs: number }): Promise<Found> {
  const log = createFactLog(file);
  let turns = 0;
  let head = 0;
  let hangs: boolean | undefined;
  let answer: string | undefined;
  let last: string | undefined;
  const see = ({ text }: { readonly text: string }): void => {
    if (text === '') return;
    last = text;
    const isHead = head < 20;
    head += 1;
    if (text.includes('"type":"assistant"')) answer = text;
    const title = text.includes('-title"') || text.startsWith('{"type":"summary"');
    const typed = /"type":\s*"user"/.test(text) && !text.includes('"tool_use_id"') && !/"isMeta":\s*true/.test(text);
    if (!isHead && !title && !typed) return;
    const line = parseObject(text);
    const type = string(line?.['type']);
    if (line === undefined || type === undefined) return;
    if (string(line['uuid']) === undefined && type !== 'user') log.metadata(type, line);
    else {
      hangs ??= string(line['parentUuid']) !== undefined;
      log.common(line);
    }
    if (type !== 'user' || object(line['message']) === undefined || line['isSidechain'] === true) return;
    const content = userContent(line);
    if (!content.isUserText) return;
    const words =
      typeof content.content === 'string'
        ? content.content
        : content.content.map((part) => (part.type === 'text' ? string(part['text']) : '')).join('\n');
    if (content.role === 'user') {
      turns += 1;
      log.prompt(typedText(words));
    } else log.command(words);
  };
  const scanned = await scanLines(file, state as Parameters<typeof scanLines>[1], see);
  for (const text of [answer, last]) {
    const line = text === undefined ? undefined : parseObject(text);
    const model = string(object(line?.['message'])?.['model']);
    if (line !== undefined && string(line['uuid']) !== undefined) log.common(line);
    if (model !== undefined && model !== '<synthetic>') log.model(model);
  }
  const facts = log.facts(createUsageLog(), turns);
  return {
    agent: 'claude-code',
    nativeId: basename(file, '.jsonl'),
    transcript: file,
    bytes: state.size,
    changedAt: state.mtimeMs,
    cwd: facts.cwd ?? '',
    recordedCwd: facts.cwd,
    continues: hangs && facts.source.native_id !== basename(file, '.jsonl') ? facts.source.native_id : undefined,
    problems: scanned === undefined ? [{ code: 'unreadable' }] : state.size === 0 ? [{ code: 'empty-file' }] : [],
    ...listed(facts, scanned?.whole === true ? turns : undefined),
  };
}

/**
 * 2.0.1 continues a session in a new file whose lines keep the old `sessionId` and whose first line hangs in the old
 * file (FORMATS 1.3).
 */
export async function findBase(transcript: string): Promise<TranscriptBase> {
  const first = await withFile(transcript, async (handle) => {
    for await (const batch of readLines(handle, { to: 1024 * 1024 })) {
      for (const { text } of batch) {
        if (!text.includes('"parentUuid"')) continue;
        const line = parseObject(text);
        if (line !== undefined) return line;
      }
    }
    return undefined;
  });
  const id = string(first?.['sessionId']);
  const continues = string(first?.['parentUuid']) !== undefined && first?.['isSidechain'] !== true;
  if (id === undefined || !continues || !isUuid(id) || id === basename(transcript, '.jsonl')) return { kind: 'none' };
  const before = join(dirname(transcript), `${id}.jsonl`);
  const state = await fileState(before);
  return state === undefined
    ? { kind: 'missing', nativeId: id }
    : { kind: 'found', transcript: before, bytes: state.size };
}
