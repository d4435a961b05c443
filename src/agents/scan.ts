import type { LiveSession, TranscriptFacts } from './agent.ts';
import { type FileState, isSameState, withFile } from './files.ts';
import { type Line, readLines } from './lines.ts';
import { optional, string } from './shape.ts';

/** Up to this size a list reads a whole transcript (cheaply: most lines are never parsed), beyond it head and tail. */
const WHOLE_BYTES = 4 * 1024 * 1024;
const END_BYTES = 64 * 1024;

/**
 * The lines that a list looks at: all of a small file, else those that lie whole in the first and last 64 KiB.
 * Answers whether it was the whole; undefined where the file cannot be read.
 */
export async function scanLines(
  file: string,
  state: FileState,
  see: (line: Line) => void,
): Promise<{ readonly whole: boolean } | undefined> {
  return withFile(file, async (handle) => {
    const whole = state.size <= WHOLE_BYTES;
    const parts = whole
      ? [{ from: 0, to: state.size }]
      : [
          { from: 0, to: END_BYTES },
          { from: state.size - END_BYTES, to: state.size },
        ];
    for (const part of parts) {
      let first = part.from > 0;
      for await (const batch of readLines(handle, part)) {
        for (const line of batch) {
          // The first line of the tail is the end of one that began before, the last of the head goes on.
          if (!first && !(line.torn && part.to < state.size)) see(line);
          first = false;
        }
      }
    }
    return { whole };
  });
}

/** What a scan found in files that did not change since; derived, and bounded. What is not `final` is not kept. */
export function createScanCache<T>(
  final: (found: T) => boolean = () => true,
): (file: string, state: FileState, scan: () => Promise<T>) => Promise<T> {
  // A list reads the same files in the same order: with one file more than this it would find none of them here.
  const LIMIT = 10_000;
  const cache = new Map<string, { readonly state: FileState; readonly found: T }>();
  return async (file, state, scan) => {
    const hit = cache.get(file);
    if (hit !== undefined && isSameState(hit.state, state)) return hit.found;
    const found = await scan();
    cache.delete(file);
    if (!final(found)) return found;
    cache.set(file, { state, found });
    const oldest = cache.keys().next();
    if (cache.size > LIMIT && oldest.done !== true) cache.delete(oldest.value);
    return found;
  };
}

/** What a list shows of a transcript beside its place; `turns` where all of it was looked at. */
export function listed(
  facts: TranscriptFacts,
  turns: number | undefined,
): Pick<LiveSession, 'createdAt' | 'title' | 'model' | 'version' | 'turns' | 'forkedFrom'> {
  return {
    ...optional('createdAt', facts.createdAt),
    ...optional('title', facts.title),
    ...optional('model', facts.config.llm_model),
    ...optional('version', facts.source.version),
    ...optional('turns', turns),
    ...optional('forkedFrom', string(facts.source['forked_from'])),
  };
}
