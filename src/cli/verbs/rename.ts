import type { Context } from '../context.ts';
import { badName, type Ending, writeFailed } from '../ending.ts';
import { plainLine } from '../plain.ts';
import { refusedName } from '../refusedName.ts';

export async function rename(context: Context, name: string, to: string): Promise<Ending> {
  const refused = await refusedName(context.store, name);
  if (refused !== undefined) return refused;
  const moved = await context.store.rename(name, to);
  switch (moved.kind) {
    case 'done':
      return {
        kind: 'done',
        json: { name: moved.name, was: name },
        text: plainLine(`"${name}" is now called "${moved.name}".`),
      };
    case 'invalid-name':
      return badName(to, moved.problem);
    case 'exists':
      return writeFailed(to, moved);
    default:
      return writeFailed(name, moved);
  }
}
