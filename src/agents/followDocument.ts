import { type FileState, fileState, isSameState } from './files.ts';
import { readerOptions, readRecords } from './readRecords.ts';
import type { ReadPosition } from './readTranscript.ts';
import type { RecordSource, SourceOptions } from './recordSource.ts';
import { toldSoFar, type WholeStart } from './toldSoFar.ts';

/** A file may be written again within its clock's grain, with as many bytes: what was read so soon is read once more, ms. */
const GRAIN_MS = 50;

/**
 * Follows a transcript that is rewritten as a whole: where the file is another one, it is read anew and compared with
 * what was told. One that is being written is left for the next look.
 */
export async function followDocument(options: SourceOptions<WholeStart>): Promise<RecordSource> {
  const { agent, transcript, from } = options;
  const soFar = await toldSoFar(from, options.stored);
  let reader = 'reader' in from ? from.reader : agent.reader({ transcript });
  let position: ReadPosition = 'position' in from ? from.position : { bytes: 0, lines: 0 };
  let nativeId = reader.facts().source.native_id;
  let looked: FileState | undefined;
  /** From when on (by `performance.now()`) a look would see what was written within the same grain; undefined: none is due. */
  let again: number | undefined;
  let told: FileState | undefined;
  return {
    ids: soFar.ids,
    reader: () => reader,
    position: () => position,
    state: () => told,
    async look() {
      const before = await fileState(transcript);
      if (before === undefined) return { kind: 'missing' };
      const isSame = isSameState(before, looked);
      if (isSame && again === undefined) return { kind: 'same' };
      const started = performance.now();
      const fresh = agent.reader(await readerOptions(agent, transcript));
      const read = await readRecords(agent, transcript, fresh);
      const after = await fileState(transcript);
      if (read === undefined || after === undefined) return { kind: 'missing' };
      // Written while it was read: the next look finds what came of it.
      if (!isSameState(before, after)) return { kind: 'same' };
      looked = before;
      // However the clocks stand (one may have been set back), one more look is enough once the grain is over.
      if (!isSame) again = options.now() - before.mtimeMs < GRAIN_MS ? started + GRAIN_MS : undefined;
      else if (again !== undefined && started >= again) again = undefined;
      if (read.problems.some(({ code }) => code === 'truncated')) return { kind: 'same' };
      const id = fresh.facts().source.native_id;
      if (nativeId !== undefined && id !== undefined && id !== nativeId) return { kind: 'replaced' };
      const news = await soFar.compare(fresh.messages(), fresh.takeTouches());
      if (news === 'other') return { kind: 'replaced' };
      if (news === 'empty') return { kind: 'missing' };
      nativeId = id ?? nativeId;
      reader = fresh;
      told = before;
      position = read.position;
      return { kind: 'read', ...news };
    },
  };
}
