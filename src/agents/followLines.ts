import type { TranscriptReader } from './agent.ts';
import { fileState, withFile } from './files.ts';
import { type Fingerprint, isStillThere, takeFingerprint } from './fingerprint.ts';
import { readerOptions } from './readRecords.ts';
import { pump, type ReadPosition } from './readTranscript.ts';
import type { RecordSource, SourceOptions } from './recordSource.ts';

/** An import's reader and position, or how many bytes of the transcript were told, and a copy of them. */
export type LinesStart =
  | { readonly reader: TranscriptReader; readonly position: ReadPosition }
  | { readonly bytes: number; readonly mirror?: string };

/** Follows a transcript that is appended to: reads the new bytes and no others. */
export async function followLines(options: SourceOptions<LinesStart>): Promise<RecordSource> {
  const { transcript } = options;
  const start = await startingPoint(options);
  const { reader } = start;
  let { position, fingerprint } = start;
  /** Of the file when it was read last; a text of the same length may have been written over it since. */
  let readAt: number | undefined;
  let replaced = start.differs;
  return {
    ids: reader.messages().map(({ id }) => id),
    reader: () => reader,
    position: () => position,
    async look() {
      if (replaced) return { kind: 'replaced' };
      const state = await fileState(transcript);
      if (state === undefined) return { kind: 'missing' };
      if (state.size === position.bytes && state.ino === fingerprint.ino && state.mtimeMs === readAt)
        return { kind: 'same' };
      let pumping = false;
      const read = await withFile(transcript, async (handle) => {
        if (!(await isStillThere(handle, fingerprint, position.bytes))) return 'replaced';
        pumping = true;
        const pumped = await pump(handle, reader, { from: position });
        position = { bytes: pumped.bytes, lines: pumped.lines };
        fingerprint = await takeFingerprint(handle, position.bytes);
        return 'read';
      });
      if (read === undefined && !pumping) return { kind: 'missing' };
      // A read that failed half-way has left lines in the reader that would come twice: only a new import is sure.
      replaced = read !== 'read';
      if (replaced) return { kind: 'replaced' };
      readAt = state.mtimeMs;
      return { kind: 'read', events: reader.takeEvents(), touches: reader.takeTouches(), lost: false };
    },
  };
}

interface StartingPoint {
  readonly reader: TranscriptReader;
  readonly position: ReadPosition;
  readonly fingerprint: Fingerprint;
  /** The transcript does not begin with the bytes that the session was saved from. */
  readonly differs: boolean;
}

async function startingPoint({ agent, transcript, from }: SourceOptions<LinesStart>): Promise<StartingPoint> {
  if ('reader' in from) {
    const fingerprint = await withFile(transcript, (handle) => takeFingerprint(handle, from.position.bytes));
    return { ...from, fingerprint: fingerprint ?? { ino: 0, head: '', tail: '' }, differs: false };
  }
  const reader = agent.reader(await readerOptions(agent, transcript));
  const found = await withFile(transcript, async (handle) => {
    const { bytes, lines } = await pump(handle, reader, { to: from.bytes });
    const fingerprint = await takeFingerprint(handle, bytes);
    const mirrored =
      from.mirror === undefined ? undefined : await withFile(from.mirror, (mirror) => takeFingerprint(mirror, bytes));
    const differs =
      mirrored !== undefined && (mirrored.head !== fingerprint.head || mirrored.tail !== fingerprint.tail);
    return { position: { bytes, lines }, fingerprint, differs };
  });
  reader.takeEvents();
  reader.takeTouches();
  return {
    reader,
    ...(found ?? {
      position: { bytes: 0, lines: 0 },
      fingerprint: { ino: 0, head: '', tail: '' },
      differs: from.bytes > 0,
    }),
  };
}
