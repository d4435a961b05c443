import type { TranscriptFacts } from '../agent.ts';
import { runMetadata } from '../runMetadata.ts';
import { isoTime, object, optional, words } from '../shape.ts';
import type { UsageLog } from '../usage.ts';
import type { ChatRequest } from './request.ts';

/** What a chat tells beside its messages. */
export interface FactLog {
  /** Names of the fields that count. */
  readonly fields: readonly string[];
  field(name: string, value: unknown): void;
  request(request: ChatRequest, index: number): void;
  models(): readonly string[];
  facts(usage: UsageLog, tally: { readonly turns: number; readonly assistantMessages: number }): TranscriptFacts;
}

const FIELDS = ['sessionId', 'creationDate', 'lastMessageDate', 'customTitle', 'inputState'];

export function createFactLog(transcript: string, id: string | undefined, cwd: string | undefined): FactLog {
  const fields = new Map<string, unknown>();
  const models = new Set<string>();
  let latest: { readonly index: number; readonly model: string; readonly mode: string | undefined } | undefined;
  let prompt: { readonly index: number; readonly text: string } | undefined;
  let first: string | undefined;
  let last: string | undefined;

  /** `copilot/gpt-5` is a model of the vendor Copilot. */
  function provider(model: string): string | undefined {
    const slash = model.indexOf('/');
    return slash > 0 ? model.slice(0, slash) : undefined;
  }

  return {
    fields: FIELDS,
    field(name, value) {
      if (FIELDS.includes(name)) fields.set(name, value);
    },
    request({ model, mode, prompt: text, startedAt, endedAt }, index) {
      if (model !== undefined) {
        models.add(model);
        if (latest === undefined || index >= latest.index) latest = { index, model, mode };
      }
      if (text !== undefined && (prompt === undefined || index <= prompt.index)) prompt = { index, text };
      for (const time of [startedAt, endedAt]) {
        if (time === undefined) continue;
        if (first === undefined || time < first) first = time;
        if (last === undefined || time > last) last = time;
      }
    },
    models: () => [...models].sort(),
    facts(usage, tally) {
      const created = isoTime(fields.get('creationDate')) ?? first;
      const updated = last ?? isoTime(fields.get('lastMessageDate'));
      const chosen = words(object(object(fields.get('inputState'))?.['selectedModel'])?.['identifier']);
      const model = latest?.model ?? chosen;
      return {
        source: {
          agent: 'copilot-chat',
          transcript,
          ...optional('native_id', words(fields.get('sessionId')) ?? id),
        },
        config: {
          name: 'Copilot Chat',
          agent_type: 'copilot-chat',
          ...optional('llm_provider', model === undefined ? undefined : provider(model)),
          ...optional('llm_model', model),
          ...optional('mode', latest?.mode),
        },
        metadata: runMetadata(usage, tally, created, updated),
        ...optional('cwd', cwd),
        ...optional('createdAt', created),
        ...optional('updatedAt', updated),
        ...optional('title', words(fields.get('customTitle')) ?? prompt?.text),
      };
    },
  };
}
