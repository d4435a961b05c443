import { type ModelApi, type ModelRequest, type Step, tokensOf } from './playModel.ts';

const offersTools = ({ tools = [] }: ModelRequest): boolean => tools.length > 0;

/** Anthropic's Messages API, as Claude Code asks it. */
export const messagesApi: ModelApi = {
  route: /\/v1\/messages$/,
  isMain: offersTools,
  answer({ thinking, text, calls = [] }, { model, messages }, id) {
    const usage = { input_tokens: tokensOf(messages), cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    const output_tokens = tokensOf([thinking, text, calls]);
    const events: object[] = [];
    const send = (type: string, rest: object): void => void events.push({ type, ...rest });
    let index = 0;
    const block = (content_block: object, ...deltas: readonly object[]): void => {
      send('content_block_start', { index, content_block });
      for (const delta of deltas) send('content_block_delta', { index, delta });
      send('content_block_stop', { index });
      index++;
    };
    const message = { id: id('msg'), type: 'message', role: 'assistant', model, content: [] };
    send('message_start', {
      message: { ...message, stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } },
    });
    if (thinking !== undefined)
      block(
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking },
        { type: 'signature_delta', signature: btoa('sample signature, not from a model') },
      );
    if (text !== undefined) block({ type: 'text', text: '' }, { type: 'text_delta', text });
    for (const { tool, args } of calls)
      block(
        { type: 'tool_use', id: id('toolu'), name: tool, input: {} },
        { type: 'input_json_delta', partial_json: JSON.stringify(args) },
      );
    const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn';
    send('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens } });
    send('message_stop', {});
    return events;
  },
};

/** OpenAI's Responses API, as Codex asks it. */
export const responsesApi: ModelApi = {
  route: /\/responses$/,
  isMain: offersTools,
  answer({ thinking, text, calls = [] }, { model, input }, id) {
    const output: object[] = [];
    if (thinking !== undefined)
      output.push({ type: 'reasoning', id: id('rs'), summary: [{ type: 'summary_text', text: thinking }] });
    if (text !== undefined) {
      const content = [{ type: 'output_text', text, annotations: [] }];
      output.push({ type: 'message', id: id('msg'), role: 'assistant', status: 'completed', content });
    }
    for (const call of calls) {
      const common = { status: 'completed', call_id: id('call'), name: call.tool };
      output.push(
        call.input !== undefined
          ? { type: 'custom_tool_call', id: id('ctc'), ...common, input: call.input }
          : {
              ...{ type: 'function_call', id: id('fc'), ...common, arguments: JSON.stringify(call.args) },
              ...(call.namespace !== undefined && { namespace: call.namespace }),
            },
      );
    }
    const [input_tokens, output_tokens] = [tokensOf(input), tokensOf(output)];
    const usage = {
      input_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens,
      output_tokens_details: { reasoning_tokens: thinking === undefined ? 0 : tokensOf(thinking) },
      total_tokens: input_tokens + output_tokens,
    };
    const response = { id: id('resp'), object: 'response', model, status: 'completed', output, usage };
    const created = { ...response, status: 'in_progress', output: [], usage: null };
    return [
      { type: 'response.created', response: created },
      ...output.flatMap((item, output_index) => [
        { type: 'response.output_item.added', output_index, item },
        { type: 'response.output_item.done', output_index, item },
      ]),
      { type: 'response.completed', response },
    ].map((event, sequence_number) => ({ ...event, sequence_number }));
  },
};

/** OpenAI's Chat Completions API, as opencode and Copilot CLI ask it. */
export const chatApi: ModelApi = {
  route: /\/chat\/completions$/,
  isMain: offersTools,
  side: () => ({ text: 'A title' }),
  end: 'data: [DONE]\n\n',
  other: (pathname) =>
    pathname.endsWith('/models')
      ? { object: 'list', data: [{ id: 'fake-model', object: 'model', owned_by: 'nobody' }] }
      : undefined,
  answer(step, body, id) {
    const base = { id: id('chatcmpl'), object: 'chat.completion.chunk', created: 0, model: body.model };
    const chunk = (delta: object, finish_reason: string | null = null): object => ({
      ...base,
      choices: [{ index: 0, delta, finish_reason }],
    });
    const calls = chatCalls(step, id);
    return [
      chunk({ role: 'assistant', content: '' }),
      ...(step.text === undefined ? [] : [chunk({ content: step.text })]),
      ...calls.map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
      chunk({}, calls.length > 0 ? 'tool_calls' : 'stop'),
      { ...base, choices: [], usage: chatUsage(step, body) },
    ];
  },
  whole(step, body, _pathname, id) {
    if (body.stream === true) return undefined;
    const calls = chatCalls(step, id);
    const message = { role: 'assistant', content: step.text ?? null, ...(calls.length > 0 && { tool_calls: calls }) };
    const choices = [{ index: 0, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop', message }];
    return { id: id('chatcmpl'), object: 'chat.completion', created: 0, choices, usage: chatUsage(step, body) };
  },
};

function chatCalls({ calls = [] }: Step, id: (prefix: string) => string): readonly object[] {
  return calls.map(({ tool, args }) => ({
    id: id('call'),
    type: 'function',
    function: { name: tool, arguments: JSON.stringify(args ?? {}) },
  }));
}

function chatUsage({ text, calls }: Step, { messages }: ModelRequest): object {
  const [prompt_tokens, completion_tokens] = [tokensOf(messages), tokensOf([text, calls])];
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** Google's generateContent, as Gemini CLI asks it. */
export const geminiApi: ModelApi = {
  route: /:(?:streamG|g)enerateContent$/,
  isMain: ({ tools = [] }) => tools.some((tool) => 'functionDeclarations' in (tool as object)),
  // Its own small questions (which model, who speaks next) want JSON after a schema of theirs.
  side({ generationConfig: { responseJsonSchema, responseSchema } = {} }) {
    const schema = responseJsonSchema ?? responseSchema;
    return { text: schema === undefined ? 'ok' : JSON.stringify(anyValue(schema)) };
  },
  other: (pathname) => (pathname.endsWith(':countTokens') ? { totalTokens: 100 } : undefined),
  answer: (step, body, id) => [contentOf(step, body, id)],
  whole: (step, body, pathname, id) => (pathname.endsWith(':generateContent') ? contentOf(step, body, id) : undefined),
};

function contentOf({ text, calls = [] }: Step, { contents }: ModelRequest, id: (prefix: string) => string): object {
  const parts = [
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ tool, args }) => ({
      functionCall: { name: tool, args: args ?? {} },
      thoughtSignature: btoa('sample signature, not from a model'),
    })),
  ];
  const [promptTokenCount, candidatesTokenCount] = [tokensOf(contents), tokensOf(parts)];
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount, candidatesTokenCount, totalTokenCount: promptTokenCount + candidatesTokenCount },
    modelVersion: 'gemini-2.5-flash',
    responseId: id('r'),
  };
}

/** Any value that fits a JSON schema, as far as these go. */
function anyValue(schema: object): unknown {
  const {
    type,
    properties = {},
    enum: values,
  } = schema as {
    readonly type?: string;
    readonly properties?: Readonly<Record<string, object>>;
    readonly enum?: readonly unknown[];
  };
  if (values !== undefined) return values.at(-1);
  switch (type?.toLowerCase()) {
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'string':
      return 'x';
    default:
      return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, anyValue(one)]));
  }
}
