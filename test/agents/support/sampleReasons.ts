/** Files among the samples that hold no conversation, or none that can be told from this file alone. */
export const NO_TRANSCRIPTS: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /^opencode\/.*\/(?:message|part|project|session_diff)\//,
    why: 'messages and parts of a session in an old storage of opencode, whose transcript is the file of the session',
  },
  { pattern: /\.expected\.json$/, why: 'what another tool has read' },
  { pattern: /\/agent-[^/]+\.meta\.json$/, why: 'the description of a sub-agent' },
  { pattern: /\/sample_session\.json$/, why: 'an export of the web interface, in a form of its own' },
  { pattern: /^gemini\/.*\/projects\.json$/, why: 'the list of projects' },
  { pattern: /^vscode-copilot-chat\/.*\/workspace\.json$/, why: 'the folder that chats belong to' },
  { pattern: /^copilot-cli\/.*\/rewind-file-snapshots\/[^/]+\.json$/, why: 'what a rewind puts back' },
  { pattern: /^copilot-cli\/.*\/sessions-import\.jsonl$/, why: 'what an importer takes in' },
  { pattern: /^cline\/.*\/(?:\d+_\w+|session)\.json$/, why: 'the head of a session, without its messages' },
  { pattern: /^cline\/.*\/(?:taskHistory|task_metadata)\.json$/, why: 'the list of tasks, and what a task touched' },
];

/** Where a sample is read otherwise than by the independent reader, and why. */
export interface Different {
  readonly pattern: RegExp;
  readonly why: string;
  /** By columns of EXPECTED.tsv. */
  readonly counts: Readonly<Record<string, number>>;
  readonly models?: string;
}

export const DIFFERENT: readonly Different[] = [
  {
    pattern: /^opencode\/.*\/mcp-tool\.json$/,
    why: 'the independent reader looks for the model in the prompt alone',
    counts: {},
    models: 'test-model',
  },
  {
    pattern: /^gemini\/jazzyalex__agent-sessions\/schema_drift\.json$/,
    why: 'the independent reader does not know the form of a checkpoint (`history` of contents)',
    counts: { user_prompts: 1, assistant_messages: 1 },
  },
  {
    pattern: /^gemini\/lab__recorded\/0\.51\.0\//,
    why: 'a resume writes all messages anew, without their calls and tokens; what was told before still counts',
    counts: { tool_calls: 6, reads: 3, full_reads: 3, edits: 2, tokens_in: 9872, tokens_out: 376 },
  },
  chat('01-today', 226, 1983),
  chat('02-five-days-ago', 123, 1163),
  chat('03-twelve-days-ago', 118, 1288),
  chat('04-twenty-days-ago', 68, 800),
  chat('05-twenty-seven-days-ago', 106, 1196),
  {
    pattern: /^cline\/cline__cline\/session\.messages\.json$/,
    why: 'each answer names its model; the independent reader took the one of the manifest',
    counts: {},
    models: 'anthropic/claude-opus-4.8-fast,mistralai/voxtral-small-24b-2507',
  },
  task('handback-template/legacy/data/tasks/1795221384000', { tool_calls: 1, reads: 1, full_reads: 1 }),
  task('lab__recorded/2.18.0-legacy/tasks/1795221371740', { tool_calls: 6, reads: 3, full_reads: 3, edits: 2 }),
  task('lab__recorded/handwritten-resumable/tasks/1795221371999', { tool_calls: 2, reads: 2, full_reads: 2 }),
  log('handback-template/legacy/data/tasks/1795221384000', [1, 1, 0, 0]),
  log('lab__recorded/2.18.0-legacy/tasks/1795221371740', [2, 16, 9872, 336], 'mock-model'),
  log('lab__recorded/handwritten-resumable/tasks/1795221371999', [2, 5, 2468, 84], 'mock-model'),
  log('yigitkonur__cli-continues/tasks/test-task-1', [2, 5, 930, 800]),
  log('yigitkonur__cli-continues/kilo-code/tasks/test-task-1', [2, 3, 640, 650]),
  log('yigitkonur__cli-continues/roo-code/tasks/test-task-1', [2, 3, 930, 750]),
];

function chat(name: string, tokens_in: number, tokens_out: number): Different {
  const pattern = new RegExp(`^vscode-copilot-chat/.*/session-${name}\\.json$`);
  return { pattern, why: 'the independent reader counts no tokens of chats', counts: { tokens_in, tokens_out } };
}

function task(folder: string, counts: Different['counts']): Different {
  const pattern = new RegExp(`^cline/${folder.replaceAll('.', '\\.')}/api_conversation_history\\.json$`);
  return { pattern, why: 'calls that are written as XML are calls, and each read counts, not each file', counts };
}

/** `counts`: prompts, answers, tokens in and out. */
function log(folder: string, counts: readonly [number, number, number, number], models?: string): Different {
  const [user_prompts, assistant_messages, tokens_in, tokens_out] = counts;
  return {
    pattern: new RegExp(`/${folder.replaceAll('.', '\\.')}/ui_messages\\.json$`),
    why: 'the independent reader takes every text in the log of the interface for a prompt',
    counts: { user_prompts, assistant_messages, tokens_in, tokens_out },
    ...(models === undefined ? {} : { models }),
  };
}

/** Samples whose bytes no fork can be made of: what is wrong with them would be in the fork too. */
export const UNFORKABLE: ReadonlySet<string> = new Set([
  // A call of a sub-agent that had no answer yet stands in the middle.
  'claude-code/jazzyalex__agent-sessions/subagent/0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f.jsonl',
  // The result of a call that is not there, one call id twice: fixtures that were trimmed by hand.
  'codex/jazzyalex__agent-sessions/stage0/agents/codex/small.jsonl',
  'codex/wesm__agentsview/function_calls.jsonl',
  // Claude Code 2.0.1 went on in a new file: the beginning stays in the other, and the messages alone are whole.
  'claude-code/lab__recorded/2.0.1/projects/-home-dev-projects-ws-demo/02c9bd9d-d3fb-4106-84ca-c4b6363a563d.jsonl',
]);

/** Samples of which a fork holds less than the history. */
export const LOSSY_FORKS: ReadonlySet<string> = new Set([
  // A task of the old form is given as a session of the new one, which has no notes of the system.
  'cline/lab__recorded/2.18.0-legacy/tasks/1795221371740/api_conversation_history.json',
  'cline/lab__recorded/handwritten-resumable/tasks/1795221371999/api_conversation_history.json',
  // All ids of the fixture are one and the same text.
  'copilot-cli/jazzyalex__agent-sessions/small.jsonl',
]);
