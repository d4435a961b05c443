import type { SessionDocument, SessionStore } from '../store/sessionStore.ts';
import { inlineBlobs } from './inlineBlobs.ts';

const PAGE = 200;

/**
 * An open session as one self-contained snapshot, in pieces: one field per line, one message per line, blobs in place.
 * The mirrored transcript does not travel with it.
 */
export async function* snapshotText(document: SessionDocument, store: SessionStore): AsyncGenerator<string> {
  const body = { ...document.body, name: document.name, message_count: document.messageCount };
  if (body.source !== undefined) {
    const { raw: _, ...source } = body.source;
    body.source = source;
  }
  yield '{\n';
  for (const [key, value] of Object.entries(body)) {
    if (value !== undefined && key !== 'history') yield `${JSON.stringify(key)}:${JSON.stringify(value)},\n`;
  }
  yield '"history":[';
  let separator = '\n';
  for (let from = 0; from < document.messageCount; from += PAGE) {
    for (const message of await document.messages(from, Math.min(from + PAGE, document.messageCount))) {
      yield `${separator}${JSON.stringify(await inlineBlobs(message, store))}`;
      separator = ',\n';
    }
  }
  yield '\n]\n}\n';
}
