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

export type AgentId =
  | 'claude-code'
  | 'codex'
  | 'gemini'
  | 'opencode'
  | 'copilot-cli'
  | 'copilot-chat'
  | 'cline'
  | 'roo-code'
  | 'helloagents'
  /** Plain arrays of messages, of no agent in particular. */
  | 'messages';

/** Where to look. Nothing here is read from the environment: whoever asks passes it in. */
export interface AgentHome {
  /** The user's home folder. */
  readonly home: string;
  /** Overrides as the agents know them: CLAUDE_CONFIG_DIR, CODEX_HOME, GEMINI_CLI_HOME, COPILOT_HOME, XDG_DATA_HOME. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** VS Code's `User` folder, absolute, whose chats and extensions are looked through; absent: those of the editors that are usual on this system. */
  readonly userData?: string;
}

/**
 * How a transcript breaks up into records.
 * `lines`: JSONL that is appended to; a record is a line, and has its place in bytes.
 * `document`: one JSON text that is rewritten as a whole; a record is an element of one of the lists named here (a
 * field of the outermost object; '' is an outermost array), or any other field. Its place in bytes means nothing later.
 * `rows`: a database, or a tree of small files; the agent reads the records itself. Its mirror is a `document`.
 */
export type Layout =
  | { readonly kind: 'lines' }
  | { readonly kind: 'document'; readonly lists: readonly string[] }
  | {
      readonly kind: 'rows';
      readonly rows: ReadRows;
      /** All of it as one JSON text, as the agent itself exports it: what is mirrored, and forked from. */
      readonly document: (options?: { readonly signal?: AbortSignal }) => AsyncIterable<string>;
      /**
       * Cheap: another text where the rows may be others, undefined where nothing is there. Absent: what a stat of
       * the file (see `fileOf`) and of its `-wal` tells.
       */
      readonly version?: () => Promise<string | undefined>;
    };

/** Where reading rows goes on: whatever the agent's rows need, as JSON (a time, an id); undefined at the beginning. */
export type RowCursor = string;

/**
 * The records since a cursor, each with its key, in batches between which the event loop gets a turn. Rejects with a
 * system error where the source cannot be read. What was told before may be told again, newer.
 */
export type ReadRows = (
  since: RowCursor | undefined,
  options?: { readonly signal?: AbortSignal },
) => AsyncIterable<{
  readonly records: readonly { readonly key: string; readonly text: string }[];
  readonly cursor: RowCursor;
}>;

/** An agent's own session of a folder, as far as the head and tail of its transcript tell. */
export interface LiveSession {
  readonly agent: AgentId;
  readonly nativeId: string;
  /** Absolute path of the transcript; of one in a database, the path of that, `#` and the native id. */
  readonly transcript: string;
  /** Size; of one in a database 0. */
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
  /** What `Agent.beside` has read: texts of files beside the transcript, by their names. */
  readonly beside?: ReadonlyMap<string, string>;
  /** What a reader of the base has read, where the transcript has one. */
  readonly base?: { readonly messages: readonly Message[]; readonly touches: readonly FileTouch[] };
}

export interface RecordPlace {
  /** Byte offsets [from, to) in the file; of a line without and with its newline. Of a row both 0. */
  readonly from: number;
  readonly to: number;
  /** 1-based: of the line, or of the record. */
  readonly number: number;
  /** The field that the record is, or is an element of (see `Layout`), or the kind of row; absent for a line. */
  readonly key?: string;
}

/**
 * Reads one transcript, record by record, and keeps what it needs to go on when the file grows. Never throws on content:
 * what is wrong becomes a problem with its line number.
 */
export interface TranscriptReader {
  /** A record's JSON text. */
  push(record: string, at: RecordPlace): void;
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
  /** Glob below the roots, of the files that matter. */
  readonly watched: string;
  /** Sessions whose conversation belongs to `folder` (absolute), newest first. Reads heads and tails only. */
  find(where: AgentHome, folder: string): Promise<readonly LiveSession[]>;
  /** True when the first lines of a file (up to 64 KiB of it) look like this agent's transcript; `file` is its path. */
  recognises(head: string, file: string): boolean;
  /** By the name of the file: a mirror has the same ending as its transcript. */
  layout(transcript: string): Layout;
  reader(options: ReaderOptions): TranscriptReader;
  /** Reads small files beside the transcript that its reader needs; those that are missing are left out. */
  beside?(transcript: string): Promise<ReadonlyMap<string, string>>;
  /** Reads the head of a transcript. Only Codex forks by reference. */
  baseOf?(transcript: string): Promise<TranscriptBase>;
  /** What the agent would run with if started now in `folder`, as far as its own settings tell. Never opens credentials. */
  currentConfig(where: AgentHome, folder: string): Promise<AgentConfig>;
  /** Absent for an agent that cannot be given a session. */
  readonly native?: NativeForm;
}

/** A word list as a program is started with; no word of it goes through a shell. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** A transcript that was written for an agent. */
export interface NativeWritten {
  readonly nativeId: string;
  /** Absolute path of what was written. */
  readonly transcript: string;
  /** To be run in the folder, once, before the agent knows the session (opencode imports it). */
  readonly before?: CommandLine;
}

/** What is wrong with a transcript that the agent may take without a word, and then have forgotten what it says. */
export interface NativeProblem {
  /** For people it is put in words by room `cli` and `vscode`; see each agent's `validate.ts` for what it means there. */
  readonly code:
    | 'no-session-id'
    | 'wrong-session-id'
    | 'no-header'
    | 'header-field-missing'
    | 'no-timestamp'
    | 'no-message-id'
    | 'broken-chain'
    | 'duplicate-id'
    | 'call-without-result'
    | 'result-without-call'
    | 'not-listed'
    | 'wrong-name'
    | 'not-json'
    | 'empty';
  /** 1-based record, where one is to blame. */
  readonly record?: number;
  readonly detail?: string;
}

interface NativeTarget {
  /** The folder that the session is to belong to, absolute. */
  readonly folder: string;
  /** An id as `NativeForm.newId` makes them. */
  readonly newId: string;
  readonly title?: string;
  /** ms since the epoch */
  readonly now: number;
}

export interface NativeForkOptions extends NativeTarget {
  /** A transcript, or its mirror. */
  readonly raw: string;
  /** Only the bytes [0, upTo) count (`lines`). */
  readonly upTo?: number;
  /**
   * Only so many messages count, as the agent's reader counts them: of `document` and `rows`, and of `lines` where one
   * line may tell several (Gemini). Absent: all.
   */
  readonly messages?: number;
}

export interface NativeWriteOptions extends NativeTarget {
  /** Neutral messages, made ready by `handOver`: calls are answered, blobs are inlined, names are the agent's own. */
  readonly history: readonly Message[];
  /** As the agent names it; absent: the agent's own choice. */
  readonly model?: string;
  readonly provider?: string;
}

/** What an agent takes of a history that is not its own. */
export interface Accepts {
  /** Calls of tools that it does not have stay calls; else they become text. */
  readonly foreignCalls: boolean;
  readonly images: boolean;
  /** Messages of role `system` stay what they are; else they are left out. */
  readonly system: boolean;
}

/** How an agent is given sessions. Nothing here overwrites a file, or touches the transcript that it reads. */
export interface NativeForm {
  /** True for what may be an id of this agent; anything else must not come near a command line. */
  isId(id: string): boolean;
  /** An id for a new session: the same for the same `hash` (64 hex digits) and `ms` (since the epoch). */
  newId(ms: number, hash: string): string;
  /**
   * The transcript of a session, whatever folder it belongs to: an agent resumes it from there. `folder` (absolute) is
   * where it is to be resumed: an agent that keeps its sessions in their folders has no others.
   */
  transcriptOf(where: AgentHome, nativeId: string, folder?: string): Promise<string | undefined>;
  /**
   * Writes a native transcript under a new id, from a transcript or its mirror, where the agent will find it for
   * `folder`. The id may be the one that the bytes have, where the agent lost the session. What was written passed
   * `validate`. Throws EEXIST where the agent has a session of this id anywhere.
   */
  fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten>;
  /** The same from messages. */
  write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten>;
  /** Everything in a transcript that would make the agent forget something in silence; empty for a good one. */
  validate(transcript: string): Promise<readonly NativeProblem[]>;
  readonly accepts: Accepts;
  /** Fields of a saved configuration that a resumed session can be given back (see `restoreOptions`). */
  readonly restorable: readonly ('llm_model' | 'llm_provider')[];
  /**
   * The provider that the agent will only go on with a transcript with (Codex: a thread keeps the one that it began
   * with), where it would start with another; `isHere`: its settings know that provider. Undefined where it takes it as it is.
   */
  boundTo?(
    where: AgentHome,
    transcript: string,
  ): Promise<{ readonly provider: string; readonly isHere: boolean } | undefined>;
  /** The command that goes on with a session. Throws for what is no id. Absent: a person opens it in the agent. */
  resumeCommand?(nativeId: string, options?: ResumeOptions): CommandLine;
  /** The command takes no first message (it leaves `ResumeOptions.prompt` out): a person types it. */
  readonly withoutPrompt?: true;
}
