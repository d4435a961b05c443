import { stat } from 'node:fs/promises';
import { fileState, isSystemError } from './files.ts';
import { fileOf, readerOptions, readRecords } from './readRecords.ts';
import type { ReadPosition } from './readTranscript.ts';
import type { RecordSource, SourceOptions } from './recordSource.ts';
import { optional } from './shape.ts';
import { type News, toldSoFar, type WholeStart } from './toldSoFar.ts';

/**
 * Follows the rows of a database, or a tree of files: one reader goes on from its cursor, so that a look costs what is
 * new. A session that was saved is compared once, as a whole, with what is there; so is what was told, where another
 * file has the database's place: it may be a backup, which a cursor knows nothing of.
 */
export async function followRows(options: SourceOptions<WholeStart>): Promise<RecordSource> {
  const { agent, transcript, from } = options;
  let told = await toldSoFar(from, options.stored);
  let reader = 'reader' in from ? from.reader : agent.reader(await readerOptions(agent, transcript));
  let position: ReadPosition | undefined = 'position' in from ? from.position : undefined;
  let seen: string | undefined;
  let inode = await inodeOf();
  return {
    ids: told.ids,
    reader: () => reader,
    position: () => position ?? { bytes: 0, lines: 0 },
    async look() {
      const version = await versionOf();
      if (version === undefined) return { kind: 'missing' };
      if (version === seen) return { kind: 'same' };
      const now = await inodeOf();
      if (position !== undefined && inode !== undefined && now !== undefined && now !== inode) {
        const before = reader.messages().map(told.namedMessage);
        told = await toldSoFar({ held: () => each(before) }, options.stored);
        reader = agent.reader(await readerOptions(agent, transcript));
        position = undefined;
      }
      inode = now ?? inode;
      const read = await readRecords(agent, transcript, reader, optional('from', position));
      if (read === undefined) return { kind: 'missing' };
      const isCompared = position === undefined;
      if (isCompared) {
        const news = await told.compare(reader.messages(), reader.takeTouches());
        if (news === 'other') return { kind: 'replaced' };
        if (news === 'empty') return { kind: 'missing' };
        reader.takeEvents();
        position = read.position;
        seen = version;
        return { kind: 'read', ...news };
      }
      position = read.position;
      seen = version;
      const events = reader.takeEvents();
      const news: News = { events, touches: reader.takeTouches(), lost: false };
      return { kind: 'read', ...told.named(news) };
    },
  };

  async function inodeOf(): Promise<number | undefined> {
    return (await fileState(fileOf(agent, transcript)))?.ino;
  }

  /** Whatever a write changes; undefined where nothing is there. */
  async function versionOf(): Promise<string | undefined> {
    const layout = agent.layout(transcript);
    if (layout.kind === 'rows' && layout.version !== undefined) return layout.version();
    const file = fileOf(agent, transcript);
    const [main, log] = await Promise.all([stateOf(file), stateOf(`${file}-wal`)]);
    return main === undefined ? undefined : `${main} ${log ?? ''}`;
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function stateOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs].join(' ');
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
