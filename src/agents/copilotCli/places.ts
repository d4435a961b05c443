import { basename, dirname, join } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { fileState, headOf, mapFew, namesIn, withFile } from '../files.ts';
import { isUuid } from '../uuid.ts';

export const EVENTS = 'events.jsonl';
export const WORKSPACE = 'workspace.yaml';
/** Hashes of the files that the agent edited, before and after each prompt. */
export const REWIND = 'rewind-file-snapshots/index.json';
/** What a list or a reader looks at beside the events; a bigger one is left alone. */
const MOST_BYTES = 16 * 1024 * 1024;

export function copilotHome(where: AgentHome): string {
  return where.env?.['COPILOT_HOME'] || join(where.home, '.copilot');
}

export function sessionsFolder(where: AgentHome): string {
  return join(copilotHome(where), 'session-state');
}

/** The events of every session: `<uuid>/events.jsonl`, or `<id>.jsonl` as versions up to 0.0.36x had them. */
export async function transcripts(where: AgentHome): Promise<readonly string[]> {
  const sessions = sessionsFolder(where);
  const names = (await namesIn(sessions)).filter((name) => !name.startsWith('.'));
  const files = names.map((name) => join(sessions, name.endsWith('.jsonl') ? name : join(name, EVENTS)));
  const found = await mapFew(files, async (file) => ((await fileState(file)) === undefined ? undefined : file));
  return found.filter((file) => file !== undefined);
}

/** The id in the name of a transcript, by which the agent finds it; undefined for a copy that lies elsewhere. */
export function namedId(transcript: string): string | undefined {
  const name = basename(transcript).startsWith(EVENTS) ? basename(dirname(transcript)) : undefined;
  return name !== undefined && isUuid(name) ? name : undefined;
}

export async function transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined> {
  const wanted = nativeId.toLowerCase();
  for (const file of await transcripts(where)) {
    const name = basename(file) === EVENTS ? basename(dirname(file)) : basename(file, '.jsonl');
    if (name.toLowerCase() === wanted) return file;
  }
  return undefined;
}

/** `workspace.yaml` and the index of edited files; a session of an old version, or a copy, has neither. */
export async function readBeside(transcript: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (!basename(transcript).startsWith(EVENTS)) return texts;
  for (const name of [WORKSPACE, REWIND]) {
    const file = join(dirname(transcript), name);
    const state = await fileState(file);
    if (state === undefined || state.size > MOST_BYTES) continue;
    const text = await withFile(file, (handle) => headOf(handle, state.size));
    if (text !== undefined) texts.set(name, text);
  }
  return texts;
}
