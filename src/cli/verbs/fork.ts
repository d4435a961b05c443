import type { SessionDocument } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { badName, type Ending, failed, openFailed, writeFailed } from '../ending.ts';
import { plainLine } from '../plain.ts';
import { counted } from '../shapes.ts';
import { pages } from './show.ts';

export async function fork(
  context: Context,
  name: string,
  options: { readonly at?: string; readonly name?: string },
): Promise<Ending> {
  const { store } = context;
  const opened = await store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { document } = opened;
  let messages: number | undefined;
  try {
    messages = options.at === undefined ? document.messageCount : await countUpTo(context, document, options.at);
  } finally {
    await document.close();
  }
  if (messages === undefined) {
    return failed('no-such-message', options.at ?? '', `it has ${document.messageCount}`);
  }
  const wanted = options.name ?? (await store.freeName(name));
  const forked = await store.fork(name, { name: wanted, messages });
  switch (forked.kind) {
    case 'forked':
      await forked.settled;
      return {
        kind: 'done',
        json: {
          name: forked.name,
          session_id: forked.sessionId,
          messages: forked.messages,
          parent: { name, session_id: document.body.session_id, message: forked.messages },
        },
        text: plainLine(`"${forked.name}" shares ${counted(forked.messages, 'message')} with "${name}".`),
      };
    case 'no-such-message':
      return failed('no-such-message', String(messages), `it has ${forked.messages}`);
    case 'unreadable':
      return openFailed(name, forked);
    case 'invalid-name':
      return badName(wanted, forked.problem);
    case 'exists':
      return writeFailed(wanted, forked);
    default:
      return writeFailed(name, forked);
  }
}

/** How many messages there are up to and with the one named by its number (from 1) or its id. */
async function countUpTo(context: Context, document: SessionDocument, at: string): Promise<number | undefined> {
  const number = /^\d+$/.test(at) ? Number(at) : 0;
  if (number >= 1 && number <= document.messageCount) return number;
  let count = 0;
  for await (const message of pages(context, document, 0, document.messageCount)) {
    count += 1;
    if (message.id === at) return count;
  }
  return undefined;
}
