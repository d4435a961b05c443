import { createPacer, type FileTouch, type Message, type SessionEvent } from '../core/index.ts';
import type { TranscriptReader } from './agent.ts';
import { diffMessages, goesOnFrom, sameValue } from './messageDiff.ts';
import type { ReadPosition } from './readTranscript.ts';

/** An import's reader and position, or the messages that a saved session holds. */
export type WholeStart =
  | { readonly reader: TranscriptReader; readonly position: ReadPosition }
  | { readonly held: () => AsyncIterable<Message> };

export interface News {
  readonly events: readonly SessionEvent[];
  readonly touches: readonly FileTouch[];
  readonly lost: boolean;
}

/** What was told of a transcript that is read as a whole each time. */
export interface ToldSoFar {
  /** Before the first comparison. */
  readonly ids: readonly string[];
  /**
   * What is new in a conversation that was read anew, which counts as told from now on. `empty` where nothing is left of
   * it, `other` where it is another conversation; then all is as it was.
   */
  compare(messages: readonly Message[], touches: readonly FileTouch[]): Promise<News | 'empty' | 'other'>;
  /** The same under the ids that were saved, where the agent has given its messages others since. */
  named(news: News): News;
  namedMessage(message: Message): Message;
}

export async function toldSoFar(from: WholeStart, stored: (message: Message) => Promise<Message>): Promise<ToldSoFar> {
  const isHeld = 'held' in from;
  const unanswered = new Map<string, string>();
  const begun: Message[] = [];
  for await (const message of isHeld ? from.held() : from.reader.messages()) {
    noteCalls(message, unanswered);
    begun.push(message);
  }
  let told: readonly Message[] = begun;
  const open = new Set(unanswered.values());
  const aliases = new Map<string, string>();
  let knownTouches: Map<string, FileTouch> | undefined;
  async function compare(fresh: readonly Message[], touches: readonly FileTouch[]): Promise<News | 'empty' | 'other'> {
    if (told.length > 0 && fresh.length === 0) return 'empty';
    const isFirst = knownTouches === undefined;
    if (isFirst && isHeld) await nameAlike(told, fresh, aliases);
    const messages = fresh.map(namedMessage);
    const diff = await diffMessages(told, messages, isFirst && isHeld ? stored : undefined);
    // A session that comes from elsewhere, or is opened again, may be the only copy of what it holds.
    const needed = isFirst && isHeld ? Math.max(1, told.length - 1) : 1;
    if (told.length > 0 && (diff.kept < needed || (isFirst && isHeld && diff.lost))) return 'other';
    const still = new Set(messages.slice(0, diff.common).map(({ id }) => id));
    const isTold = (touch: FileTouch) => isFirst && diff.same.has(touch.messageId) && !open.has(touch.messageId);
    const pace = createPacer();
    const seen = new Map<string, FileTouch>();
    const news: FileTouch[] = [];
    for (const one of touches) {
      await pace();
      const touch = namedTouch(one);
      const known = knownTouches?.get(touch.path);
      seen.set(touch.path, touch);
      // What a rewind has dropped is told again, where it is there again.
      const isThere = still.has(touch.messageId) || touch.messageId === '';
      if (isThere && known !== undefined && sameValue(known, touch)) continue;
      if (!isTold(touch)) news.push(touch);
    }
    knownTouches = seen;
    told = messages;
    return { events: diff.events, touches: news, lost: diff.lost };
  }

  const idOf = (id: string): string => aliases.get(id) ?? id;
  const namedMessage = (message: Message): Message =>
    aliases.has(message.id) ? { ...message, id: idOf(message.id) } : message;
  const namedTouch = (touch: FileTouch): FileTouch =>
    aliases.has(touch.messageId) ? { ...touch, messageId: idOf(touch.messageId) } : touch;
  const namedEvent = (event: SessionEvent): SessionEvent => {
    if (event.type === 'message') return { ...event, message: namedMessage(event.message) };
    return event.type === 'rewind' && event.after !== null ? { ...event, after: idOf(event.after) } : event;
  };
  return {
    ids: told.map(({ id }) => id),
    compare,
    namedMessage,
    named: ({ events, touches, lost }) => ({
      events: events.map(namedEvent),
      touches: touches.map(namedTouch),
      lost,
    }),
  };
}

/** Which message made each call that has no result yet. */
function noteCalls({ id, content }: Message, unanswered: Map<string, string>): void {
  if (typeof content === 'string') return;
  for (const part of content) {
    if (part.type === 'tool_call') unanswered.set(String(part['id']), id);
    else if (part.type === 'tool_result') unanswered.delete(String(part['call_id']));
  }
}

/** A session that an agent was given may have other ids there: messages that stand and speak alike keep those that were saved. */
async function nameAlike(
  told: readonly Message[],
  fresh: readonly Message[],
  aliases: Map<string, string>,
): Promise<void> {
  const pace = createPacer();
  for (const [index, before] of told.entries()) {
    await pace();
    const message = fresh[index];
    if (message === undefined || !goesOnFrom(before, message)) return;
    if (message.id !== before.id) aliases.set(message.id, before.id);
  }
}
