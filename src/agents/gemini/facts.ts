import type { TranscriptFacts } from '../agent.ts';
import { runMetadata } from '../runMetadata.ts';
import { list, optional, string, time, words } from '../shape.ts';
import type { UsageLog } from '../usage.ts';

export const GEMINI_CONFIG = { name: 'Gemini CLI', agent_type: 'gemini', llm_provider: 'google' } as const;

export interface Recorded {
  readonly fields: ReadonlyMap<string, unknown>;
  /** Of the folder that the transcript lies in (`.project_root`). */
  readonly root: string | undefined;
  /** The first text of the agent itself, which names the folder. */
  readonly context: string | undefined;
  readonly firstPrompt: string | undefined;
  readonly model: string | undefined;
  readonly lastTime: string | undefined;
  readonly turns: number;
  readonly assistantMessages: number;
}

/** What a transcript tells beside its messages: neither version nor system prompt nor tools. */
export function factsOf(transcript: string, recorded: Recorded, usage: UsageLog): TranscriptFacts {
  const { fields } = recorded;
  const created = time(fields.get('startTime'));
  const told = time(fields.get('lastUpdated'));
  const updated = [told, recorded.lastTime]
    .filter((value) => value !== undefined)
    .sort()
    .at(-1);
  return {
    source: { agent: 'gemini', transcript, ...optional('native_id', words(fields.get('sessionId'))) },
    config: { ...GEMINI_CONFIG, ...optional('llm_model', recorded.model) },
    metadata: runMetadata(usage, recorded, created, updated),
    ...optional(
      'cwd',
      words(recorded.root)?.trim() ?? folderIn(recorded.context) ?? firstOf(fields.get('directories')),
    ),
    ...optional('createdAt', created),
    ...optional('updatedAt', updated),
    ...optional('title', words(fields.get('summary')) ?? words(recorded.firstPrompt)?.trim()),
  };
}

/** The first of the workspace's folders, as `<session_context>` lists them. */
export function folderIn(context: string | undefined): string | undefined {
  const folder = /\*\*Workspace Directories:\*\*\s*\n\s*- ([^\n]+)|currently working in the directory: ([^\n]+)/.exec(
    context ?? '',
  );
  return words(folder?.[1] ?? folder?.[2])?.trim();
}

function firstOf(directories: unknown): string | undefined {
  return list(directories).flatMap((value) => string(value) ?? [])[0];
}
