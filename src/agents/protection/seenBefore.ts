import { openStore, type ReadCacheEntry } from '../../core/index.ts';
import type { AgentHome } from '../agent.ts';
import { agentById } from '../agents.ts';
import { fileState } from '../files.ts';
import { importTranscript } from '../importTranscript.ts';
import { nativeSession } from '../nativeSession.ts';
import { optional } from '../shape.ts';
import type { ProtectedAgent } from './protectedAgents.ts';

export interface SeenBeforeOptions {
  readonly agent: ProtectedAgent;
  readonly nativeId: string;
  /** As the agent told it; absent: looked for. */
  readonly transcript?: string;
  /** The workspace folder, absolute. */
  readonly folder: string;
  readonly where: AgentHome;
  /** ms since the epoch */
  readonly now: () => number;
  /** Hex digits, at least 8. */
  readonly random: () => string;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * What a session saw of files before a hook was there to see it: by its transcript, and for what that does not tell by
 * the snapshot of it. Keys as in a read-cache. Undefined where there is neither.
 */
export async function seenBefore(
  options: SeenBeforeOptions,
): Promise<Readonly<Record<string, ReadCacheEntry>> | undefined> {
  const saved = await savedEntries(options);
  const told = await toldEntries(options);
  return saved === undefined && told === undefined ? undefined : { ...saved, ...told };
}

async function toldEntries(options: SeenBeforeOptions) {
  const { agent, nativeId, transcript, folder, where, now, random, signal } = options;
  const there = transcript !== undefined && (await fileState(transcript)) !== undefined;
  const file = there ? transcript : await agentById(agent).native?.transcriptOf(where, nativeId);
  if (file === undefined) return undefined;
  const imported = await importTranscript(file, { agent, folder, now, random, ...optional('signal', signal) });
  return imported.kind === 'imported' ? imported.session.body.read_cache : undefined;
}

async function savedEntries({ agent, nativeId, folder, now, random }: SeenBeforeOptions) {
  const store = openStore({ folder, now, random });
  try {
    for (const { name, head } of await store.list()) {
      const native = head === undefined ? undefined : nativeSession(head);
      if (native?.agent !== agent || native.id !== nativeId) continue;
      const opened = await store.open(name);
      if (opened.kind !== 'open') continue;
      await opened.document.close();
      return opened.document.body.read_cache;
    }
    return undefined;
  } finally {
    await store.close();
  }
}
