import type { Message } from './message.ts';
import type { Session } from './session.ts';

type Part = Exclude<Message['content'], string>[number];

/** What HelloAgents calls a session without tools. */
const NO_TOOLS = 'no-tools';

/** A document that HelloAgents' loader takes: FORMATS.md section 7. */
export interface HelloAgentsSession {
  readonly session_id: string;
  readonly created_at: string;
  readonly saved_at: string;
  readonly agent_config: Readonly<Record<string, unknown>>;
  readonly history: readonly {
    readonly role: string;
    readonly content: string;
    readonly timestamp: string;
    readonly metadata: Readonly<Record<string, unknown>>;
  }[];
  readonly tool_schema_hash: string;
  readonly read_cache: Readonly<Record<string, { readonly file_mtime_ms: number; readonly file_size_bytes: number }>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * A session as HelloAgents keeps one: plain text contents, times without a zone (its Python reads no `Z`), stamps of
 * time and size only. Calls, results and images become text, so that nothing said is missing.
 */
export function toHelloAgents(session: Session): HelloAgentsSession {
  const { body, history } = session;
  const created = naiveTime(body.created_at);
  const saved = naiveTime(body.saved_at ?? body.created_at);
  const stamps = Object.entries(body.read_cache ?? {}).flatMap(([key, entry]) => {
    const { file_mtime_ms, file_size_bytes } = entry;
    if (file_mtime_ms === undefined || file_size_bytes === undefined) return [];
    return [[key, { file_mtime_ms: Math.floor(file_mtime_ms), file_size_bytes }] as const];
  });
  const { total_tokens = 0, total_steps = 0, duration_seconds = 0 } = body.metadata ?? {};
  return {
    session_id: body.session_id,
    created_at: created,
    saved_at: saved,
    agent_config: {
      name: body.name ?? 'assistant',
      agent_type: 'unknown',
      llm_provider: 'unknown',
      llm_model: 'unknown',
      ...body.agent_config,
    },
    history: history.map((message) => ({
      role: message.role,
      content: plainText(message),
      timestamp: naiveTime(message.timestamp ?? body.saved_at ?? body.created_at),
      metadata: ownMetadata(message),
    })),
    tool_schema_hash: body.tool_schema_hash ?? NO_TOOLS,
    read_cache: Object.fromEntries(stamps),
    metadata: {
      created_at: naiveTime(body.metadata?.created_at ?? body.created_at),
      total_tokens,
      total_steps,
      duration_seconds,
    },
  };
}

/** ISO 8601 in UTC with microseconds and without a zone, as Python's `fromisoformat` reads it; what is no time stays. */
function naiveTime(time: string): string {
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(time)) return time;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toISOString().replace('Z', '000');
}

/** What HelloAgents itself had noted at a message. */
function ownMetadata({ metadata }: Message): Readonly<Record<string, unknown>> {
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? { ...metadata } : {};
}

function plainText({ content }: Message): string {
  return typeof content === 'string' ? content : content.map(partText).join('\n');
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return String(part['text']);
    case 'tool_call':
      return `[${String(part['name'])} ${JSON.stringify(part['input'])}]`;
    case 'tool_result':
      return typeof part['output'] === 'string' ? part['output'] : '[output kept apart]';
    case 'image':
      return `[image ${String(part['media_type'])}]`;
    case 'file':
      return `[file ${String(part['path'])}]`;
    default:
      return JSON.stringify(part);
  }
}
