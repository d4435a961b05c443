import type { Part } from '../agent.ts';
import { argumentsIn, type JsonObject, list, object, string, words } from '../shape.ts';
import { markdownOf, pathOf, resultParts, type Step, type ToolCall } from './parts.ts';

/** The answers to one prompt: as the model gave them where the agent recorded its rounds, else as they were shown. */
export function stepsOf(request: JsonObject): readonly Step[] {
  const metadata = object(object(request['result'])?.['metadata']);
  const rounds = list(metadata?.['toolCallRounds']).map((round): JsonObject => object(round) ?? {});
  const results = object(metadata?.['toolCallResults']) ?? {};
  const shown = list(request['response']);
  if (rounds.length === 0) return shownSteps(shown);
  const steps = rounds.map((round) => roundStep(round, results));
  // The last answer is not always a round of its own.
  const called = (steps.at(-1)?.calls.length ?? 0) > 0;
  const spoke = rounds.some((round) => words(round['response']) !== undefined);
  const rest = called ? shownSteps(afterLastCall(shown, spoke)) : [];
  return [...steps, ...rest].filter(({ said, results: given }) => said.length + given.length > 0);
}

function roundStep(round: JsonObject, results: JsonObject): Step {
  const said: Part[] = [];
  const given: Part[] = [];
  const calls: ToolCall[] = [];
  const thought = thinkingText(round['thinking']);
  if (thought !== '') said.push({ type: 'reasoning', text: thought });
  const text = words(round['response']);
  if (text !== undefined) said.push({ type: 'text', text });
  for (const value of list(round['toolCalls'])) {
    const call = object(value);
    const id = words(call?.['id']);
    if (call === undefined || id === undefined) continue;
    const name = string(call['name']) ?? '';
    const input = argumentsOf(call['arguments']);
    said.push({ type: 'tool_call', id, name, input });
    const result = Object.hasOwn(results, id) ? object(results[id]) : undefined;
    const { text: output, parts } = result === undefined ? { text: undefined, parts: [] } : resultParts(id, result);
    given.push(...parts);
    calls.push({ id, name, input, output });
  }
  return { said, results: given, calls };
}

function argumentsOf(value: unknown): unknown {
  const text = string(value);
  if (text === undefined) return value ?? {};
  if (text.trim() === '') return {};
  return argumentsIn(text);
}

function thinkingText(value: unknown): string {
  const thinking = object(value);
  const text = thinking?.['text'] ?? thinking?.['value'] ?? value;
  return Array.isArray(text) ? text.flatMap((one) => string(one) ?? []).join('') : (string(text) ?? '');
}

/** Where no call is shown, what is shown is what the rounds say, if they say anything. */
function afterLastCall(shown: readonly unknown[], spoke: boolean): readonly unknown[] {
  const last = shown.findLastIndex((part) => object(part)?.['kind'] === 'toolInvocationSerialized');
  return last === -1 && spoke ? [] : shown.slice(last + 1);
}

/** What the chat shows: what is said after a call begins a new answer. Parts that only draw something are passed over. */
function shownSteps(shown: readonly unknown[]): readonly Step[] {
  const steps: { said: Part[]; results: Part[]; calls: ToolCall[] }[] = [];
  const open = (): (typeof steps)[number] => {
    const last = steps.at(-1);
    if (last !== undefined && last.calls.length === 0) return last;
    const step = { said: [], results: [], calls: [] };
    steps.push(step);
    return step;
  };
  const say = (type: 'text' | 'reasoning', text: string): void => {
    if (text === '') return;
    const { said } = open();
    const last = said.at(-1);
    if (last?.type === type) said[said.length - 1] = { type, text: `${String(last['text'])}${text}` };
    else said.push({ type, text });
  };
  for (const value of shown) {
    const part = object(value);
    switch (part?.['kind']) {
      case undefined:
      case 'markdownContent':
      case 'markdownVuln':
        say('text', markdownOf(value) ?? '');
        break;
      case 'thinking':
        say('reasoning', thinkingText(part));
        break;
      case 'inlineReference':
        say('text', referenceText(part ?? {}));
        break;
      case 'warning':
        say('text', markdownOf(part?.['content']) ?? '');
        break;
      case 'toolInvocationSerialized':
        takeInvocation(part ?? {}, steps);
        break;
    }
  }
  return steps;
}

function referenceText(part: JsonObject): string {
  const named = words(part['name']) ?? words(object(part['inlineReference'])?.['name']);
  const path = pathOf(object(part['inlineReference'])?.['location'] ?? part['inlineReference']);
  const name = named ?? path?.split(/[\\/]/).at(-1);
  return name === undefined ? '' : `\`${name}\``;
}

/** Calls one after another belong to one answer. */
function takeInvocation(part: JsonObject, steps: { said: Part[]; results: Part[]; calls: ToolCall[] }[]): void {
  const id = words(part['toolCallId']);
  if (id === undefined) return;
  let step = steps.at(-1);
  if (step === undefined) {
    step = { said: [], results: [], calls: [] };
    steps.push(step);
  }
  const specific = object(part['toolSpecificData']);
  const command = object(specific?.['commandLine']);
  const line = words(command?.['toolEdited']) ?? words(command?.['original']) ?? words(specific?.['command']);
  const input = line === undefined ? (specific?.['rawInput'] ?? {}) : { command: line };
  const name = string(part['toolId']) ?? '';
  step.said.push({ type: 'tool_call', id, name, input });
  // Only what the chat says of it is known: `Read [file.ts](…), lines 1 to 20`.
  const outcome = markdownOf(part['pastTenseMessage']) ?? markdownOf(part['invocationMessage']) ?? '';
  if (part['isComplete'] !== false) step.results.push({ type: 'tool_result', call_id: id, output: outcome });
  step.calls.push({ id, name, input, output: undefined });
}
