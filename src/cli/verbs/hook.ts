import { join } from 'node:path';
import { seenBefore } from '../../agents/index.ts';
import { hookIo, runHook } from '../../hook/index.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../ending.ts';

/** The same as the small program that hooks usually start, which loads faster. Ends well whatever happens. */
export async function hook({ io }: Context, agent: string, event: string | undefined): Promise<Ending> {
  const answer = await runHook(
    event === undefined ? [agent] : [agent, event],
    hookIo({
      cwd: io.cwd,
      home: io.home,
      env: io.env,
      input: new TextDecoder().decode(await io.input()),
      cli: io.programs === undefined ? undefined : join(io.programs, 'holdfast.cjs'),
      loadSeenBefore: () => Promise.resolve(seenBefore),
    }),
  );
  if (answer !== '') await io.out(answer);
  return { kind: 'written' };
}
