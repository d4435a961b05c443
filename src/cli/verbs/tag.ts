import { tagProblem } from '../../core/index.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../ending.ts';
import { setMarks } from '../setMarks.ts';

/** `tag` and `+tag` add one, `-tag` takes it away; without any it only shows them. */
export function tag(context: Context, name: string, changes: readonly string[]): Promise<Ending> {
  return setMarks(context, name, ({ tags: held }) => {
    // What came with a file and is no tag goes: it could be neither kept nor taken away.
    const tags = new Set(held.filter((one) => tagProblem(one) === undefined));
    for (const change of changes) {
      if (change.startsWith('-')) tags.delete(change.slice(1).trim());
      else tags.add((change.startsWith('+') ? change.slice(1) : change).trim());
    }
    return changes.length === 0 ? {} : { tags: [...tags] };
  });
}
