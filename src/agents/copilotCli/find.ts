import { basename, dirname } from 'node:path';
import type { AgentHome, LiveSession } from '../agent.ts';
import { type FileState, fileState, insideOf, mapFew } from '../files.ts';
import { createScanCache, listed, scanLines } from '../scan.ts';
import { parseObject, string } from '../shape.ts';
import { createUsageLog } from '../usage.ts';
import { eventOf } from './events.ts';
import { createFactLog } from './factLog.ts';
import { EVENTS, readBeside, transcripts, WORKSPACE } from './places.ts';

interface Found extends LiveSession {
  readonly recordedCwd: string | undefined;
}

const cached = createScanCache<Found>();

/** Copilot's sessions whose folder is `folder` or inside it, newest change first. */
export async function findSessions(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const isInside = await insideOf(folder);
  const found = await mapFew(await transcripts(where), async (file) => {
    const state = await fileState(file);
    if (state === undefined) return undefined;
    const { recordedCwd, ...session } = await cached(file, state, () => scan(file, state));
    return recordedCwd !== undefined && (await isInside(recordedCwd)) ? session : undefined;
  });
  return found.filter((session) => session !== undefined).sort((a, b) => b.changedAt - a.changedAt);
}

const LOOKED_AT = /"type":"(?:session\.(?:start|resume|model_change|title_changed|context_changed)|user\.message)"/;

async function scan(file: string, state: FileState): Promise<Found> {
  const beside = await readBeside(file);
  const log = createFactLog(file, beside.get(WORKSPACE), createUsageLog());
  let turns = 0;
  let answer: string | undefined;
  const scanned = await scanLines(file, state, ({ text }) => {
    if (text.includes('"type":"assistant.message"')) answer = text;
    if (!LOOKED_AT.test(text)) return;
    const line = parseObject(text);
    const event = line === undefined ? undefined : eventOf(line);
    if (event === undefined) return;
    log.add(event);
    const typed = event.type === 'user.message' ? string(event.data['content']) : undefined;
    if (typed === undefined || typed === '') return;
    turns += 1;
    log.prompt(typed);
  });
  const line = answer === undefined ? undefined : parseObject(answer);
  const last = line === undefined ? undefined : eventOf(line);
  if (last !== undefined) log.add(last);
  const facts = log.facts({ turns, assistantMessages: 0 });
  // The agent finds a session by the name of its folder, whatever id is in it.
  const named = basename(file) === EVENTS ? basename(dirname(file)) : basename(file, '.jsonl');
  return {
    agent: 'copilot-cli',
    nativeId: named,
    transcript: file,
    bytes: state.size,
    changedAt: state.mtimeMs,
    cwd: facts.cwd ?? '',
    recordedCwd: facts.cwd,
    problems: scanned === undefined ? [{ code: 'unreadable' }] : state.size === 0 ? [{ code: 'empty-file' }] : [],
    ...listed(facts, scanned?.whole === true ? turns : undefined),
  };
}
