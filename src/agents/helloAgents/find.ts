import type { AgentHome, LiveSession } from '../agent.ts';
import { documentHead, readDocument } from '../document.ts';
import { type FileState, fileState, headOf, mapFew, withFile } from '../files.ts';
import { createScanCache } from '../scan.ts';
import { optional } from '../shape.ts';
import { isId, sessionFiles } from './places.ts';
import { helloAgentsReader, LISTS } from './reader.ts';
import { recognises } from './recognises.ts';

const HEAD_BYTES = 64 * 1024;
/** Up to this size a session is read whole for a list. */
const WHOLE_BYTES = 1024 * 1024;

const scans = createScanCache<LiveSession | undefined>();

/** The sessions that HelloAgents keeps in the folder, newest first; of two files with one id the newest. */
export async function findSessions(_where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const found = await mapFew(await sessionFiles(folder), async (file) => {
    const state = await fileState(file);
    return state === undefined ? undefined : scans(file, state, () => scan(file, state, folder));
  });
  const newest = new Map<string, LiveSession>();
  const sorted = found.flatMap((session) => session ?? []).sort((a, b) => b.changedAt - a.changedAt);
  for (const session of sorted) if (!newest.has(session.nativeId)) newest.set(session.nativeId, session);
  return [...newest.values()];
}

/** The newest session of this id in the folder. */
export async function transcriptOf(where: AgentHome, nativeId: string, folder?: string): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  return (await findSessions(where, folder)).find((session) => session.nativeId === nativeId)?.transcript;
}

async function scan(file: string, state: FileState, folder: string): Promise<LiveSession | undefined> {
  const reader = helloAgentsReader({ transcript: file });
  const isWhole = state.size <= WHOLE_BYTES;
  const isOurs = await withFile(file, async (handle) => {
    const head = await headOf(handle, HEAD_BYTES);
    if (!recognises(head)) return false;
    let number = 0;
    const push = ({ text, ...place }: { text: string; key: string; from: number; to: number }): void => {
      number += 1;
      reader.push(text, { ...place, number });
    };
    if (isWhole) for await (const batch of readDocument(handle, { lists: LISTS })) batch.forEach(push);
    else documentHead(head, LISTS).records.forEach(push);
    return true;
  });
  const { source, title, createdAt, config, metadata } = reader.facts();
  if (isOurs !== true || source.native_id === undefined || !isId(source.native_id)) return undefined;
  return {
    agent: 'helloagents',
    nativeId: source.native_id,
    transcript: file,
    bytes: state.size,
    changedAt: state.mtimeMs,
    cwd: folder,
    problems: [],
    ...optional('createdAt', createdAt),
    ...optional('title', title),
    ...optional('model', config.llm_model),
    ...optional('turns', isWhole ? metadata.turns : undefined),
  };
}
