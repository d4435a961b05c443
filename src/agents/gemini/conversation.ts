import type { Message } from '../../core/index.ts';
import type { TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { optional } from '../shape.ts';
import { isPrompt, messagesOf, type Told } from './content.ts';

/** What a record became. */
export interface Place {
  readonly messages: readonly Message[];
  readonly told: Told;
}

/** The conversation as it stands: the messages of its records, in the order in which those were first told. */
export interface Conversation extends Pick<TranscriptReader, 'takeEvents' | 'messages'> {
  /** How many of its records a person typed. */
  readonly turns: number;
  place(id: string): Place | undefined;
  /** Told for the first time, behind all others; or anew, where it stood. */
  tell(id: string, told: Told, raw: Pick<Message, 'raw'>): Place;
  /** A record stays, or comes back, as it was told before. */
  keep(id: string, place: Place): Place;
  /** The conversation anew: `tellAll` tells or keeps each of its records. */
  anew(tellAll: () => void): void;
  /** That record and all behind it are gone; all where it is not there. */
  dropFrom(id: string): void;
}

export function createConversation(): Conversation {
  const history = createMessageLog([]);
  const places = new Map<string, Place>();
  /** Which record told the result of a call. */
  const answered = new Map<string, string>();
  /** Which record a message is of. */
  const owners = new Map<string, string>();
  let last: string | undefined;
  let turns = 0;
  let isAnew = false;

  /** A record as messages, less the results that were told before. */
  function placed(told: Told, id: string, raw: Pick<Message, 'raw'>): Place {
    const fresh = told.results.filter(({ callId }) => (answered.get(callId) ?? id) === id);
    const messages = messagesOf(told, id, fresh).map(
      (message): Message => ({ ...message, ...raw, id: ownId(message.id, id) }),
    );
    return { messages, told };
  }

  /** Results get an id of ours, which another record may have. */
  function ownId(wanted: string, record: string): string {
    let id = wanted;
    for (let more = 2; (owners.get(id) ?? record) !== record; more += 1) id = `${wanted}-${more}`;
    return id;
  }

  function enter(id: string, place: Place): void {
    places.set(id, place);
    if (isPrompt(place.told)) turns += 1;
    for (const { id: message } of place.messages) owners.set(message, id);
    for (const { callId } of place.told.results) if (callId !== '' && !answered.has(callId)) answered.set(callId, id);
  }

  function release(id: string, place: Place): void {
    if (isPrompt(place.told)) turns -= 1;
    for (const { id: message } of place.messages) owners.delete(message);
    for (const { callId } of place.told.results) if (answered.get(callId) === id) answered.delete(callId);
  }

  function put(id: string, place: Place): Place {
    const before = places.get(id);
    if (before === place) return place;
    if (before !== undefined) release(id, before);
    else last = id;
    enter(id, place);
    if (!isAnew) show(id, before?.messages ?? [], place.messages);
    return place;
  }

  function show(id: string, before: readonly Message[], now: readonly Message[]): void {
    const same = before.every((message, index) => message.id === now[index]?.id);
    if (!same || (now.length > before.length && id !== last)) {
      layOut();
      return;
    }
    for (const message of now.slice(0, before.length)) history.replace(message.id, message);
    for (const message of now.slice(before.length)) history.append(message);
  }

  /** The history follows the records again; what is the same at its beginning stays. */
  function layOut(): void {
    const wanted = [...places.values()].flatMap((place) => place.messages);
    const now = history.messages();
    let same = 0;
    while (same < now.length && now[same] === wanted[same]) same += 1;
    history.truncate(same);
    for (const message of wanted.slice(same)) history.append(message);
  }

  return {
    get turns() {
      return turns;
    },
    place: (id) => places.get(id),
    tell: (id, told, raw) => put(id, placed(told, id, raw)),
    keep(id, place) {
      const isFree = place.messages.every((message) => (owners.get(message.id) ?? id) === id);
      const [first] = place.messages;
      return put(id, isFree ? place : placed(place.told, id, optional('raw', first?.raw)));
    },
    anew(tellAll) {
      isAnew = true;
      for (const [id, place] of places) release(id, place);
      places.clear();
      last = undefined;
      tellAll();
      isAnew = false;
      layOut();
    },
    dropFrom(id) {
      const ids = [...places.keys()];
      for (const one of ids.slice(Math.max(0, ids.indexOf(id)))) {
        release(one, places.get(one) as Place);
        places.delete(one);
      }
      last = [...places.keys()].at(-1);
      layOut();
    },
    takeEvents: () => history.takeEvents(),
    messages: () => history.messages(),
  };
}
