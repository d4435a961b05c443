import type {
  AgentConfig,
  FileTouch,
  Message,
  Metadata,
  Problem,
  SessionEvent,
  Source,
  Tool,
  Workspace,
} from '../core/index.ts';

/** One part of a message whose content is not plain text. */
export type Part = Exclude<Message['content'], string>[number];

export type AgentId = 'claude-code' | 'codex';

/** Where to look. Nothing here is read from the environment: whoever asks passes it in. */
export interface AgentHome {
  /** The user's home folder. */
  readonly home: string;
  /** Overrides as the agents know them: CLAUDE_CONFIG_DIR, CODEX_HOME. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** An agent's own session of a folder, as far as the head and tail of its transcript tell. */
export interface LiveSession {
  readonly agent: AgentId;
  readonly nativeId: string;
  /** Absolute path of the transcript. */
  readonly transcript: string;
  readonly bytes: number;
  /** Last change, ms since the epoch. */
  readonly changedAt: number;
  readonly createdAt?: string;
  readonly cwd: string;
  /** The agent's or the user's title, else the first prompt; absent when nothing was asked yet. */
  readonly title?: string;
  readonly model?: string;
  readonly version?: string;
  /** Prompts typed so far; absent where counting would mean reading a huge file. */
  readonly turns?: number;
  /** Native id of the session that this one was forked from. */
  readonly forkedFrom?: string;
  readonly problems: readonly Problem[];
}

/** What a transcript tells beside its messages; absent means not recorded. */
export interface TranscriptFacts {
  readonly source: Source;
  readonly cwd?: string;
  readonly title?: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly config: AgentConfig;
  readonly tools?: readonly Tool[];
  readonly workspace?: Workspace;
  readonly metadata: Metadata;
}

/** Counts over a whole transcript, abandoned branches, sub-agents and rolled-back turns included. */
export interface TranscriptCounts {
  /** Texts of the user's side: typed ones, slash commands and interruptions, but no injected context (`metadata.turns` has the typed ones only). */
  readonly prompts: number;
  readonly assistantMessages: number;
  readonly toolCalls: number;
  /** Successful calls that read a file, write one, or both (a shell command may read several). */
  readonly reads: number;
  readonly fullReads: number;
  readonly edits: number;
  readonly models: readonly string[];
  readonly versions: readonly string[];
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** Where the beginning of a conversation lies that a transcript continues by reference. */
export type TranscriptBase =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly transcript: string; readonly bytes: number }
  | { readonly kind: 'missing'; readonly nativeId: string };

export interface ReaderOptions {
  /** Absolute path; only noted, never opened. */
  readonly transcript: string;
  /** What a reader of the base has read, where the transcript has one. */
  readonly base?: { readonly messages: readonly Message[]; readonly touches: readonly FileTouch[] };
}

/**
 * Reads one transcript, line by line, and keeps what it needs to go on when the file grows. Never throws on content:
 * what is wrong becomes a problem with its line number.
 */
export interface TranscriptReader {
  /** `line` without its newline; `from`/`to` are its byte offsets [from, to) in the file, newline included; `number` is 1-based. */
  push(line: string, at: { readonly from: number; readonly to: number; readonly number: number }): void;
  /** Changes of the conversation since the last call: messages (new, or extended under the same id), rewinds. */
  takeEvents(): readonly SessionEvent[];
  /** The last touch of each file since the last call, in the order of the calls. */
  takeTouches(): readonly FileTouch[];
  /** The conversation so far: the active branch. */
  messages(): readonly Message[];
  facts(): TranscriptFacts;
  counts(): TranscriptCounts;
  problems(): readonly Problem[];
}

/** None of them is checked or quoted by `resumeCommand`. */
export interface ResumeOptions {
  /** The first message of the resumed conversation: one argument, the last one. */
  readonly prompt?: string;
  /** What it is to run with, as the agent names it. */
  readonly model?: string;
  /** Whose model that is; only for an agent that can be told. */
  readonly provider?: string;
}

export interface Agent {
  readonly id: AgentId;
  /** As the agent calls itself; not translated. */
  readonly label: string;
  /** Absolute paths of the folders whose change means that `find` may answer differently. */
  watchRoots(where: AgentHome, folder: string): readonly string[];
  /** Sessions whose conversation belongs to `folder` (absolute), newest first. Reads heads and tails only. */
  find(where: AgentHome, folder: string): Promise<readonly LiveSession[]>;
  /** The transcript of a session, whatever folder it belongs to: an agent resumes it from there. */
  transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined>;
  /** True when the first lines of a file (up to 64 KiB of it) look like this agent's transcript. */
  recognises(head: string): boolean;
  reader(options: ReaderOptions): TranscriptReader;
  /** Reads the head of a transcript. Only Codex forks by reference. */
  baseOf(transcript: string): Promise<TranscriptBase>;
  /** What the agent would run with if started now in `folder`, as far as its own settings tell. Never opens credentials. */
  currentConfig(where: AgentHome, folder: string): Promise<AgentConfig>;
  /** Fields of a saved configuration that a resumed session can be given back (see `restoreOptions`). */
  readonly restorable: readonly ('llm_model' | 'llm_provider')[];
  /** The command that goes on with a session. Throws for an id that is no UUID. */
  resumeCommand(
    nativeId: string,
    options?: ResumeOptions,
  ): { readonly command: string; readonly args: readonly string[] };
  /**
   * Writes a native transcript under a new id, from the bytes [0, upTo) of a transcript or its mirror, where the
   * agent will find it for `folder`. The id may be the one that the bytes have, where the agent lost the session.
   * Never overwrites, never touches the source; throws EEXIST where the agent has a session of this id anywhere.
   */
  fork(
    where: AgentHome,
    options: {
      readonly raw: string;
      readonly upTo?: number;
      readonly folder: string;
      readonly newId: string;
      readonly title?: string;
      /** ms since the epoch */
      readonly now: number;
    },
  ): Promise<{ readonly nativeId: string; readonly transcript: string }>;
}
