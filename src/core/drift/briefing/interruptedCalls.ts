import type { Message } from '../../session/message.ts';
import { INTERRUPTED } from '../../session/repairHistory.ts';
import type { SessionDocument } from '../../store/sessionStore.ts';
import { cutText } from '../escapeText.ts';
import type { BriefingFacts } from './briefing.ts';

/** Messages at the end in which calls are looked for: more than one answer makes. */
const LAST = 50;
/** Characters of a call's input. */
const MAX_INPUT = 500;
const MAX_CALLS = 20;

/** Calls at the end of a history whose results were never recorded, or only as interrupted; calls before the last prompt are old news. */
export async function interruptedCalls(document: SessionDocument): Promise<BriefingFacts['interrupted']> {
  const last = await document.messages(Math.max(0, document.messageCount - LAST), document.messageCount);
  const open = new Map<string, { readonly tool: string; readonly input: string }>();
  for (const message of last) {
    if (isPrompt(message)) open.clear();
    if (typeof message.content === 'string') continue;
    for (const part of message.content) {
      // Parts are loose objects: the shape of a known type was checked when the message was read.
      const known = part as Record<string, unknown>;
      if (part.type === 'tool_call') {
        open.set(String(known['id']), { tool: String(known['name']), input: jsonStart(known['input']) });
      } else if (part.type === 'tool_result' && known['output'] !== INTERRUPTED) {
        open.delete(String(known['call_id']));
      }
    }
  }
  return [...open.values()].slice(-MAX_CALLS);
}

function isPrompt({ role, content }: Message): boolean {
  return role === 'user' && (typeof content === 'string' || content.some(({ type }) => type !== 'tool_result'));
}

/** The beginning of a value's JSON: a call that writes a file carries the whole of it. */
function jsonStart(input: unknown): string {
  if (typeof input !== 'object' || input === null) return cutText(JSON.stringify(input) ?? '', MAX_INPUT);
  const fields = Object.entries(input).slice(0, 20);
  const short = fields.map(([key, one]) => [cutText(key, 80), typeof one === 'string' ? cutText(one, MAX_INPUT) : one]);
  const plain = short.filter(([, one]) => typeof one !== 'object' || one === null);
  return cutText(JSON.stringify(Object.fromEntries(plain)), MAX_INPUT);
}
