import { listRecovered, recoverDisplaced } from '../../core/index.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../ending.ts';
import { isoTime, table } from '../shapes.ts';

/** The displaced versions that were kept: what a forced write replaced, and what slipped in beside a write. */
export async function recovered(context: Context): Promise<Ending> {
  // Those that are told now are in the list too.
  await recoverDisplaced(context.store.root);
  const versions = await listRecovered(context.store.root);
  return {
    kind: 'done',
    json: {
      recovered: versions.map(({ file, key, name, at, bytes }) => ({
        file,
        key: key ?? null,
        name,
        at: isoTime(at),
        bytes,
      })),
    },
    text:
      versions.length === 0
        ? 'No displaced versions were kept here.'
        : table(
            [
              ['OF', 'KEPT', 'BYTES', 'FILE'],
              ...versions.map(({ file, key, name, at, bytes }) => [
                key ?? name,
                isoTime(at) ?? '',
                String(bytes),
                file,
              ]),
            ],
            { lastIsRemark: false },
          ),
  };
}
