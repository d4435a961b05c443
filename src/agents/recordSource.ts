import type { FileTouch, Message, SessionEvent } from '../core/index.ts';
import type { Agent, TranscriptReader } from './agent.ts';
import type { FileState } from './files.ts';
import type { ReadPosition } from './readTranscript.ts';

/** What a look at a transcript that is followed found. */
export type Look =
  | { readonly kind: 'same' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'replaced' }
  | {
      readonly kind: 'read';
      readonly events: readonly SessionEvent[];
      readonly touches: readonly FileTouch[];
      /** What was said in a message is not in it any more: a copy of what was before is to be kept, as where one is gone. */
      readonly lost: boolean;
    };

/** One layout's way to read what is new in a transcript. It is asked one thing at a time. */
export interface RecordSource {
  look(): Promise<Look>;
  /** The one that has read what was looked at last. */
  reader(): TranscriptReader;
  position(): ReadPosition;
  /** Ids of the messages that were told before the first look. */
  readonly ids: readonly string[];
  /** The file as it was read last, where it is rewritten as a whole. */
  state?(): FileState | undefined;
}

export interface SourceOptions<From> {
  readonly agent: Agent;
  readonly transcript: string;
  readonly from: From;
  /** A message as the store keeps it. */
  readonly stored: (message: Message) => Promise<Message>;
  /** ms since the epoch */
  readonly now: () => number;
}
