import { type ModelApi, type SentEvent, tokensOf } from './playModel.ts';

/** Anthropic's Messages API, as Claude Code asks it. */
export const messagesApi: ModelApi = {
  route: '/v1/messages',
  answer({ thinking, text, calls = [] }, { model, messages }, id) {
    const usage = { input_tokens: tokensOf(messages), cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
    const output_tokens = tokensOf([thinking, text, calls]);
    const events: SentEvent[] = [];
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
  route: '/responses',
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
          : { type: 'function_call', id: id('fc'), ...common, arguments: JSON.stringify(call.args) },
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
