import type { Message } from '../../../src/core/index.ts';

/**
 * What was said, called and answered, one line each, in its order; not how it was divided into messages, nor what only
 * one agent knows of it (ids of messages, signatures, times).
 */
export function conversation(messages: readonly Message[]): string {
  const all = textsOf(messages);
  const calls = new Set(all.flatMap((line) => CALL.exec(line)?.[1] ?? []));
  const said: string[] = [];
  let answers: string[] = [];
  for (const line of all) {
    const answered = RESULT.exec(line)?.[1];
    if (answered === undefined) {
      said.push(...answers, line);
      answers = [];
      // A result without its call is no part of a conversation that an agent goes on with; answers have no order.
    } else if (calls.has(answered)) answers = [...answers, line].sort();
  }
  return [...said, ...answers].join('\n');
}

const CALL = /^call ([\s\S]*?): /;
const RESULT = /^result ([\s\S]*?): /;

/** The same as a list of texts that can be looked for: of calls the name and the values, of results the output. */
export function textsOf(messages: readonly Message[]): readonly string[] {
  const texts: string[] = [];
  for (const line of messages.flatMap(lines)) {
    const who = /^(?:user|assistant|tool|system|summary): /.exec(line)?.[0];
    const before = texts.at(-1);
    // How words were divided into parts and messages is an agent's own affair.
    if (who === undefined || before === undefined || !before.startsWith(who)) texts.push(line);
    else texts[texts.length - 1] = `${before}\n${line.slice(who.length)}`;
  }
  return texts.map((text) => text.replace(/[ \t]*\n\s*/g, '\n'));
}

function lines({ role, content }: Message): readonly string[] {
  const who = role === 'assistant' ? 'assistant' : role;
  if (typeof content === 'string') return content.trim() === '' ? [] : [`${who}: ${content.trim()}`];
  return content.flatMap((part) => {
    switch (part.type) {
      case 'text':
        return String(part['text']).trim() === '' ? [] : [`${who}: ${String(part['text']).trim()}`];
      case 'tool_call':
        return [`call ${part['id']}: ${part['name']} ${JSON.stringify(part['input'] ?? {})}`];
      case 'tool_result':
        return [`result ${part['call_id']}: ${typeof part['output'] === 'string' ? part['output'].trim() : 'blob'}`];
      case 'image':
        return [`${who}: image ${part['media_type']}`];
      default:
        // Reasoning is the vendor's own, and goes along only with the raw bytes.
        return [];
    }
  });
}
