import { createHash } from 'node:crypto';

/** A UUID of version 4 that is the same for the same session and key. */
export function madeUuid(sessionId: string, key: string): string {
  const hex = createHash('sha256').update(`${sessionId} ${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A result as the agent writes it; `content` is a text, or blocks where there are images. */
export function resultBlock(callId: string, content: string | readonly object[], failed: boolean): object {
  return { tool_use_id: callId, type: 'tool_result', content, ...(failed ? { is_error: true } : {}) };
}

/** The title that people gave; the agent looks for these bytes at the start of a line (FORMATS 1.4). */
export function titleLine(title: string, sessionId: string): string {
  return JSON.stringify({ type: 'custom-title', customTitle: title.toWellFormed(), sessionId });
}
