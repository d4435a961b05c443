import { inlineBlobs } from '../../session/inlineBlobs.ts';
import type { SessionDocument, SessionStore } from '../sessionStore.ts';
import { bodyText, HISTORY_END, messageLine } from './layout.ts';

const PAGE = 200;

/**
 * An open session as one self-contained snapshot, in pieces: one field per line, one message per line, blobs in place.
 * The mirrored transcript does not travel with it, nor the path in
 * somebody's home where the agent keeps it, nor what is known of journals that stay behind.
 */
export async function* snapshotText(document: SessionDocument, store: SessionStore): AsyncGenerator<string> {
  const { folded_journals: _, ...rest } = document.body;
  const body = { ...rest, name: document.name, message_count: document.messageCount };
  if (body.source !== undefined) {
    const { raw: __, transcript: ___, ...source } = body.source;
    body.source = source;
  }
  yield bodyText(body);
  let separator = '\n';
  for (let from = 0; from < document.messageCount; from += PAGE) {
    for (const message of await document.messages(from, Math.min(from + PAGE, document.messageCount))) {
      yield separator + messageLine(await inlineBlobs(message, store));
      separator = ',\n';
    }
  }
  yield HISTORY_END;
}
