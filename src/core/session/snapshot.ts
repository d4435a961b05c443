import * as z from 'zod/mini';

/** The one schema this version writes. */
export const SCHEMA = 'holdfast/1';

/** Token counts. `input` excludes what was read from or written to a prompt cache. */
export const usage = z.looseObject({
  input: z.number(),
  output: z.number(),
  cache_read: z.optional(z.number()),
  cache_write: z.optional(z.number()),
});
export type Usage = z.infer<typeof usage>;

/** What the agent ran with. Absent means "not recorded", which is never reported as drift. */
export const agentConfig = z.looseObject({
  name: z.optional(z.string()),
  agent_type: z.optional(z.string()),
  llm_provider: z.optional(z.string()),
  llm_model: z.optional(z.string()),
  max_steps: z.optional(z.number()),
  system_prompt_sha256: z.optional(z.string()),
});
export type AgentConfig = z.infer<typeof agentConfig>;

/** Where a session came from. `raw` names the mirrored transcript and how many of its bytes are mirrored. */
export const source = z.looseObject({
  agent: z.string(),
  version: z.optional(z.string()),
  native_id: z.optional(z.string()),
  branch: z.optional(z.string()),
  /** Absolute path of the transcript on the machine that saved it; a hint only, never trusted. */
  transcript: z.optional(z.string()),
  /** The workspace folder as the transcript names it, absolute, there; a hint only. */
  cwd: z.optional(z.string()),
  raw: z.optional(z.looseObject({ file: z.string(), bytes: z.number() })),
});
export type Source = z.infer<typeof source>;

export const workspace = z.looseObject({
  folder: z.string(),
  git: z.optional(
    z.looseObject({
      remote: z.optional(z.string()),
      head: z.optional(z.string()),
      branch: z.optional(z.string()),
    }),
  ),
});
export type Workspace = z.infer<typeof workspace>;

/** `message` is how many of the parent's messages the fork shares. */
export const parent = z.looseObject({ session_id: z.string(), message: z.number() });
export type Parent = z.infer<typeof parent>;

export const metadata = z.looseObject({
  created_at: z.optional(z.string()),
  total_tokens: z.optional(z.number()),
  total_steps: z.optional(z.number()),
  duration_seconds: z.optional(z.number()),
  total_cost_usd: z.optional(z.number()),
  by_model: z.optional(z.record(z.string(), usage)),
  /** Prompts that a person typed. */
  turns: z.optional(z.number()),
});
export type Metadata = z.infer<typeof metadata>;

export const checkpoint = z.looseObject({
  id: z.string(),
  label: z.string(),
  created_at: z.string(),
  message: z.number(),
});
export type Checkpoint = z.infer<typeof checkpoint>;

/**
 * What somebody decided about differences that were found when a session was loaded, so that a teammate sees what was
 * accepted, and nobody is asked twice about the same ones.
 */
export const decision = z.looseObject({
  /** Unique. */
  id: z.string(),
  at: z.string(),
  /** The user's name on the machine where it was decided. */
  by: z.string(),
  /** `keep-config` takes `restore-config` back. */
  action: z.enum([
    'continue',
    'continue-with-briefing',
    'reread',
    'restore-config',
    'keep-config',
    'read-only',
    'fork',
  ]),
  /** What differed and was accepted: the values that held then. */
  accepted: z.looseObject({
    config: z.optional(z.array(z.looseObject({ field: z.string(), saved: z.unknown(), now: z.unknown() }))),
    tools: z.optional(z.array(z.looseObject({ tool: z.string(), change: z.string(), hash: z.optional(z.string()) }))),
    workspace: z.optional(
      z.array(z.looseObject({ field: z.string(), saved: z.optional(z.string()), now: z.optional(z.string()) })),
    ),
    files: z.optional(
      z.array(
        z.looseObject({
          key: z.string(),
          freshness: z.string(),
          sha256: z.optional(z.string()),
          moved_to: z.optional(z.string()),
        }),
      ),
    ),
  }),
});
export type Decision = z.infer<typeof decision>;

/**
 * What we know of the version of a file that the session has seen.
 *
 * The stamp proper is `file_mtime_ms`, `file_size_bytes` and `sha256` (of the raw bytes). `mtime_ns`, `ctime_ns` and
 * `ino` (decimal strings: they exceed 2^53) let a sweep on the same machine skip the hash; `racy` forbids that.
 * An entry rebuilt from a transcript may know less: `text_sha256` (content as the agent recorded it, normalised by
 * FORMATS 0.3: no BOM, LF, U+FFFD), or only `seen_at`, the ISO time of the read.
 */
export const readCacheEntry = z.looseObject({
  file_mtime_ms: z.optional(z.number()),
  file_size_bytes: z.optional(z.number()),
  sha256: z.optional(z.string()),
  text_sha256: z.optional(z.string()),
  mtime_ns: z.optional(z.string()),
  ctime_ns: z.optional(z.string()),
  ino: z.optional(z.string()),
  racy: z.optional(z.boolean()),
  seen_at: z.optional(z.string()),
  /** Number (1-based) of the message whose call touched the file last. */
  message: z.optional(z.number()),
  outside: z.optional(z.boolean()),
  /** Folder-relative paths by which it was read that led to it through a symlink; 8 at most. */
  via: z.optional(z.array(z.string())),
  /** The stamp is of an open editor's unsaved text, not of the disk. */
  unsaved: z.optional(z.boolean()),
  /**
   * The user took this version for known, the model has not read it: parts of it may be edited (an edit names the text
   * that it replaces), but it is not replaced as a whole.
   */
  model_unread: z.optional(z.boolean()),
});
export type ReadCacheEntry = z.infer<typeof readCacheEntry>;

/** A tool as the agent offered it; `hash` is SHA-256 over the canonical JSON of name, description and schema. */
export const tool = z.looseObject({
  name: z.string(),
  description: z.optional(z.string()),
  hash: z.optional(z.string()),
  schema: z.optional(z.unknown()),
});
export type Tool = z.infer<typeof tool>;

/** What a list shows: the fields that come first and fit the first 4 KiB of the file. */
export const snapshotHead = z.looseObject({
  schema: z.optional(z.string()),
  session_id: z.string(),
  name: z.optional(z.string()),
  title: z.optional(z.string()),
  revision: z.optional(z.number()),
  created_at: z.string(),
  saved_at: z.optional(z.string()),
  state: z.optional(z.string()),
  tags: z.optional(z.array(z.string())),
  /** Stands first in lists. */
  pinned: z.optional(z.boolean()),
  /** Out of the way, in a group of its own. */
  archived: z.optional(z.boolean()),
  parent: z.optional(parent),
  source: z.optional(source),
  agent_config: z.optional(agentConfig),
  workspace: z.optional(workspace),
  metadata: z.optional(metadata),
  message_count: z.optional(z.number()),
  tool_schema_hash: z.optional(z.string()),
});
export type SnapshotHead = z.infer<typeof snapshotHead>;

/** The whole document but its history, which is read line by line (see `Message`). */
export const snapshotBody = z.extend(snapshotHead, {
  checkpoints: z.optional(z.array(checkpoint)),
  decisions: z.optional(z.array(decision)),
  /** Ids of messages that are kept whole when the history is made shorter for another agent. */
  pinned_messages: z.optional(z.array(z.string())),
  read_cache: z.optional(z.record(z.string(), readCacheEntry)),
  tools: z.optional(z.array(tool)),
  state_modules: z.optional(z.record(z.string(), z.unknown())),
});
export type SnapshotBody = z.infer<typeof snapshotBody>;
