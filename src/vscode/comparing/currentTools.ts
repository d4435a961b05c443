import { lm } from 'vscode';
import { type Agent, agentById, nativeSession } from '../../agents/index.ts';
import type { SnapshotBody, Tool } from '../../core/index.ts';
import { now, type Place } from '../places.ts';
import { readTranscript } from '../readTranscript.ts';

/** The tools that the agent of a session is offered now, as far as anybody recorded it; undefined where nobody did. */
export type CurrentTools = () => Promise<readonly Tool[] | undefined>;

/** Agents' folders are looked through no more often, ms. */
const LOOK_MS = 60_000;
/** A bigger transcript is not read for its tools. */
const MOST_BYTES = 16 * 1024 * 1024;
/** How many transcripts are read in search of a listing. */
const MOST_READ = 3;

/**
 * What is offered is recorded only in transcripts: the newest one that another session of this agent began here after
 * the snapshot was saved tells the whole list. Without one, a tool that VS Code has under the recorded name is compared
 * with that, and a tool that VS Code does not know counts as unchanged: nobody can say that it is gone.
 */
export function createCurrentTools(place: Place, body: SnapshotBody, warn: (error: unknown) => void): CurrentTools {
  const { tools: recorded = [] } = body;
  const read: ReadSoFar = new Map();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let listing: Promise<readonly Tool[] | undefined> = Promise.resolve(undefined);
  return async () => {
    if (recorded.length === 0) return undefined;
    const agent = body.source && agentById(body.source.agent);
    if (agent && now() - lookedAt >= LOOK_MS) {
      lookedAt = now();
      listing = newestListing(place, body, agent, read).catch((error: unknown) => {
        // A folder of the agent that cannot be read must not hide what else changed.
        warn(error);
        return undefined;
      });
    }
    return (await listing) ?? knownTools(recorded, lm.tools);
  };
}

/** By transcript: its last change (ms since the epoch), and what it told. */
type ReadSoFar = Map<string, { readonly changedAt: number; readonly tools: readonly Tool[] | undefined }>;

async function newestListing(
  place: Place,
  body: SnapshotBody,
  agent: Agent,
  read: ReadSoFar,
): Promise<readonly Tool[] | undefined> {
  const saved = Date.parse(body.saved_at ?? body.created_at);
  const own = nativeSession(body)?.id;
  const later = (await agent.find(place.where, place.path))
    // One that began before may have been offered its tools before.
    .filter(({ nativeId, createdAt, bytes }) => nativeId !== own && began(createdAt) > saved && bytes <= MOST_BYTES)
    .sort((a, b) => began(b.createdAt) - began(a.createdAt));
  for (const { transcript, changedAt } of later.slice(0, MOST_READ)) {
    let told = read.get(transcript);
    if (told?.changedAt !== changedAt) {
      told = { changedAt, tools: (await readTranscript(agent, transcript))?.facts().tools };
      read.set(transcript, told);
    }
    if (told.tools) return told.tools;
  }
  return undefined;
}

function began(createdAt: string | undefined): number {
  const at = Date.parse(createdAt ?? '');
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at;
}

/** The recorded tools, each as VS Code offers it now where it knows one of that name; undefined where it knows none. */
export function knownTools(
  recorded: readonly Tool[],
  offered: readonly { readonly name: string; readonly description: string; readonly inputSchema: object | undefined }[],
): readonly Tool[] | undefined {
  const known = new Map(offered.map((tool) => [tool.name, tool]));
  if (!recorded.some(({ name }) => known.has(name))) return undefined;
  return recorded.map((tool) => {
    const now = known.get(tool.name);
    return now ? { name: now.name, description: now.description, schema: now.inputSchema ?? {} } : tool;
  });
}
