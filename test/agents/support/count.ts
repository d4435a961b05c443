import { readFileSync } from 'node:fs';

/** What a transcript holds by the simplest reading of its format: nothing here knows of any code under test. */
export interface Counted {
  readonly assistantMessages: number;
  readonly toolCalls: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a counter that trusts its samples is short enough to be believed
type Json = any;

/** By the folder of the samples that is named for the agent; undefined for a form that is not counted. */
export function countSample(folder: string, file: string): Counted | undefined {
  const text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  switch (folder) {
    case 'claude-code':
      return claude(lines(text));
    case 'codex':
      return codex(lines(text));
    case 'gemini':
      return gemini(file.endsWith('.jsonl') ? lines(text) : [JSON.parse(text)]);
    case 'copilot-cli':
      return copilot(lines(text));
    case 'opencode':
      return opencode(JSON.parse(text));
    case 'cline':
    case 'roo-code':
      return cline(JSON.parse(text), file);
    case 'vscode-copilot-chat':
      return file.endsWith('.json') ? chat(JSON.parse(text)) : undefined;
    case 'helloagents':
      return { assistantMessages: roles(JSON.parse(text).history, 'assistant').length, toolCalls: 0 };
    case 'generic':
      return plain(JSON.parse(text));
    case 'agentscope':
      return plain(JSON.parse(text).agent.memory.content.map((one: Json) => (Array.isArray(one) ? one[0] : one)));
    default:
      return undefined;
  }
}

/** The lines that are JSON objects. */
function lines(text: string): Json[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value = JSON.parse(line.replaceAll('\0', ''));
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

function roles(messages: Json[], role: string): Json[] {
  return messages.filter((message) => message.role === role);
}

/** A message is several lines with one id. */
function claude(all: Json[]): Counted {
  const answers = all.filter((line) => line.type === 'assistant' && line.message);
  const ids = new Set(answers.map((line) => line.message.id ?? line.uuid ?? line));
  const blocks = answers.flatMap((line) => (Array.isArray(line.message.content) ? line.message.content : []));
  return { assistantMessages: ids.size, toolCalls: blocks.filter((block) => block.type === 'tool_use').length };
}

function codex(all: Json[]): Counted {
  const items = all.map((line) => (line.payload ? (line.type === 'response_item' ? line.payload : {}) : line));
  const calls = new Set(['function_call', 'custom_tool_call', 'local_shell_call']);
  return {
    assistantMessages: items.filter(({ type, role }) => type === 'message' && role === 'assistant').length,
    toolCalls: items.filter(({ type }) => calls.has(type)).length,
  };
}

/** What is told again under the same id counts once; calls also where a later telling leaves them out. */
function gemini(all: Json[]): Counted {
  const messages = all.flatMap((line) => line.messages ?? line.$set?.messages ?? line.history ?? [line]);
  const answers = messages.filter(({ type, role }) => ['gemini', 'model'].includes(type ?? role));
  const calls = answers.flatMap((message, at) =>
    (message.toolCalls ?? []).map((call: Json) => `${message.id ?? at} ${call.id}`),
  );
  return {
    assistantMessages: new Set(answers.map(({ id }, at) => id ?? at)).size,
    toolCalls: new Set(calls).size,
  };
}

function copilot(all: Json[]): Counted {
  const answers = all.filter(({ type }) => type === 'assistant.message');
  const started = all.filter(({ type }) => type === 'tool.execution_start').length;
  const asked = answers.reduce((sum, { data }) => sum + (data.toolRequests?.length ?? 0), 0);
  return { assistantMessages: answers.length, toolCalls: started || asked };
}

function opencode(session: Json): Counted | undefined {
  if (!Array.isArray(session.messages)) return undefined;
  const answers = session.messages.filter(({ info }: Json) => info?.role === 'assistant');
  const parts = answers.flatMap((message: Json) => message.parts ?? []);
  return { assistantMessages: answers.length, toolCalls: parts.filter(({ type }: Json) => type === 'tool').length };
}

function cline(session: Json, file: string): Counted | undefined {
  // The log of the interface says nothing of messages.
  if (file.endsWith('ui_messages.json')) return undefined;
  const messages = Array.isArray(session) ? session : session.messages;
  if (!Array.isArray(messages)) return undefined;
  const { assistantMessages, toolCalls } = plain(messages);
  const written = JSON.stringify(roles(messages, 'assistant')).match(
    /<(?:read_file|write_to_file|replace_in_file|execute_command|search_files|list_files)>/g,
  );
  return { assistantMessages, toolCalls: toolCalls + (written?.length ?? 0) };
}

/** Each request is a prompt and an answer. */
function chat(session: Json): Counted {
  const rounds = session.requests.flatMap(({ result }: Json) => result?.metadata?.toolCallRounds ?? []);
  return {
    assistantMessages: session.requests.length,
    toolCalls: rounds.reduce((sum: number, { toolCalls }: Json) => sum + (toolCalls?.length ?? 0), 0),
  };
}

/** Messages of any plain form. */
function plain(saved: Json): Counted {
  const all = Array.isArray(saved) ? saved : (saved.messages ?? saved.conversation_history ?? saved.input);
  const messages = all.map((one: Json) => one.data ?? one);
  const answers = all.filter(
    ({ role, type }: Json) => role === 'assistant' || role === 'model' || type === 'ai' || type === 'AIMessageChunk',
  );
  const blocks = messages.flatMap(({ content }: Json) => (Array.isArray(content) ? content : []));
  return {
    assistantMessages: answers.length,
    toolCalls:
      messages.reduce((sum: number, { tool_calls }: Json) => sum + (tool_calls?.length ?? 0), 0) +
      blocks.filter(({ type }: Json) => type === 'tool_use').length +
      messages.filter(({ type }: Json) => type === 'function_call' || type === 'custom_tool_call').length,
  };
}
