import { shape } from '../agents/index.ts';

const { number, object, string } = shape;
type JsonObject = shape.JsonObject;

/** What a tool gave back, as far as the agent tells its hooks. */
export interface ToolResponse {
  readonly failed: boolean;
  /** What the model was shown of a file. */
  readonly shown?: { readonly text: string; readonly whole: boolean };
  /** Everything that a command printed. */
  readonly printed?: string;
  /** The whole content before and after an edit. */
  readonly before?: string;
  readonly after?: string;
  /** The tool says that the file is as it was when it was read last. */
  readonly unchanged: boolean;
}

/** `input` is what the tool was called with: it tells whether a part was asked for. */
export function responseOf(payload: JsonObject, input: JsonObject): ToolResponse {
  const given = payload['tool_response'] ?? payload['tool_result'] ?? payload['toolResult'];
  if (typeof given === 'string') return printedOnly(given);
  const response = object(given);
  if (response === undefined) return { failed: false, unchanged: false };
  const result = string(response['result_type']) ?? string(response['resultType']);
  const copilot = string(response['text_result_for_llm']) ?? string(response['textResultForLlm']);
  if (copilot !== undefined || result !== undefined) {
    const failed = result !== undefined && result !== 'success';
    // A file that is too big is a success of nothing.
    const nothing = copilot?.startsWith('File too large to read at once') === true;
    return { ...shownAs(copilot ?? '', input['view_range'] === undefined), failed: failed || nothing };
  }
  if (response['llmContent'] !== undefined) return geminiResponse(response, input);
  return claudeResponse(response) ?? opencodeResponse(response);
}

function printedOnly(text: string): ToolResponse {
  return { failed: /^Exit code: (?!0\b)/.test(text), printed: text, unchanged: false };
}

function shownAs(text: string, whole: boolean): ToolResponse {
  // Behind what a command printed, Copilot CLI says how it ended.
  const printed = text.replace(/\n?<shellId: [^\n]*>\s*$/, '');
  return { failed: false, shown: { text, whole }, printed, unchanged: false };
}

function geminiResponse(response: JsonObject, input: JsonObject): ToolResponse {
  const text = string(response['llmContent']);
  const display = object(response['returnDisplay']);
  const printed = string(response['returnDisplay']) ?? text;
  const cut = text?.startsWith('IMPORTANT: The file content has been truncated') === true;
  const part = ['offset', 'limit', 'start_line', 'end_line'].some((field) => input[field] !== undefined);
  return {
    failed: response['error'] !== undefined && response['error'] !== null,
    unchanged: false,
    ...(text === undefined || cut ? {} : { shown: { text, whole: !part } }),
    ...shape.optional('printed', printed === '' ? text : printed),
    ...shape.optional('before', string(display?.['originalContent'])),
    ...shape.optional('after', string(display?.['newContent'])),
  };
}

function claudeResponse(response: JsonObject): ToolResponse | undefined {
  const type = string(response['type']);
  const file = object(response['file']);
  if (type === 'file_unchanged') return { failed: false, unchanged: true };
  if (file !== undefined) {
    const content = type === 'text' ? string(file['content']) : undefined;
    const whole = (number(file['startLine']) ?? 1) === 1 && number(file['numLines']) === number(file['totalLines']);
    return { failed: false, unchanged: false, ...(content === undefined ? {} : { shown: { text: content, whole } }) };
  }
  const stdout = string(response['stdout']);
  if (stdout !== undefined) return { failed: false, unchanged: false, printed: stdout };
  if (response['filePath'] === undefined) return undefined;
  return {
    failed: false,
    unchanged: false,
    ...shape.optional('before', string(response['originalFile'])),
    ...shape.optional('after', string(response['content'])),
  };
}

/** As our plugin passes it on. */
function opencodeResponse(response: JsonObject): ToolResponse {
  const display = object(object(response['metadata'])?.['display']);
  const text = string(display?.['text']);
  const whole =
    number(display?.['lineStart']) === 1 && number(display?.['lineEnd']) === number(display?.['totalLines']);
  return {
    failed: false,
    unchanged: false,
    ...(text === undefined || display?.['truncated'] === true ? {} : { shown: { text, whole } }),
    ...shape.optional('printed', string(response['output'])),
  };
}
