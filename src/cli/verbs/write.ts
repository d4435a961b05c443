import type { ConflictReason, LateConflict, WriteOutcome } from '../../core/index.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../ending.ts';
import { plainLine } from '../plain.ts';
import { openGuard } from '../sessionGuard.ts';
import { entryJson, lateJson, type StampJson, stampJson } from '../shapes.ts';
import { shellWord } from '../shellWord.ts';
import { refused } from './read.ts';

export async function write(
  context: Context,
  name: string,
  path: string,
  options: { readonly force?: boolean; readonly merge?: boolean },
): Promise<Ending> {
  const content = await context.io.input();
  // Opened after the input has come: what other processes read meanwhile counts.
  const session = await openGuard(context, name);
  if ('kind' in session) return session;
  const key = session.cache.key(path);
  const seen = key === undefined ? undefined : session.cache.get(key);
  let outcome: WriteOutcome;
  let late: readonly LateConflict[] = [];
  try {
    outcome = await session.guard.write(path, content, {
      force: options.force === true,
      merge: options.merge === true,
    });
  } catch (error) {
    const failure = session.failure();
    if (failure !== undefined) return failure;
    throw error;
  } finally {
    late = await session.end();
  }
  switch (outcome.kind) {
    case 'written': {
      const { kind, created, stamp, merged = false, kept } = outcome;
      const verb = created ? 'Created' : merged ? 'Merged with what had changed and wrote' : 'Wrote';
      return {
        kind: 'done',
        json: { kind, key: outcome.key, created, merged, ...stampJson(stamp), kept: kept ?? null, ...lateJson(late) },
        text: plainLine(`${verb} ${outcome.key}.${kept === undefined ? '' : ` What was there is kept at ${kept}`}`),
      };
    }
    case 'conflict':
      return conflict(name, outcome, entryJson(seen), late);
    case 'no-match':
      throw new Error('Only an edit can have no match.');
    default:
      return refused(outcome);
  }
}

type Seen = ReturnType<typeof entryJson>;

function conflict(
  name: string,
  outcome: WriteOutcome & { kind: 'conflict' },
  seen: Seen,
  late: readonly LateConflict[],
): Ending {
  const { key, reason, theirs, kept } = outcome;
  const merge = outcome.merge === undefined ? null : { clean: outcome.merge.merged !== undefined };
  const now = stampJson(theirs.stamp);
  return {
    kind: 'differs',
    json: { kind: 'conflict', key, reason, seen, theirs: now, kept: kept ?? null, merge, ...lateJson(late) },
    text: [
      plainLine(`Not written: ${key} ${words(reason)}.`),
      `  the session saw: ${described(seen)}`,
      `  on disk now:     ${described(now)}`,
      ...(kept === undefined ? [] : [plainLine(`  their version is kept at ${kept}`)]),
      plainLine(`Read it again (holdfast read ${shellWord(name)} ${shellWord(key)}), or write with --force.`),
      ...(merge?.clean === true ? ['Both changed other lines: --merge takes both.'] : []),
    ].join('\n'),
  };
}

function words(reason: ConflictReason): string {
  switch (reason) {
    case 'changed':
      return 'has changed since the session read it';
    case 'deleted':
      return 'was deleted since the session read it';
    case 'unsaved':
      return 'has unsaved changes in an editor';
    case 'unread':
      return 'exists, and the session has never read it';
    case 'unknown':
      return 'may have changed: the transcript does not tell what the session read';
    case 'slipped-in':
      return 'was changed by somebody else at this very moment';
  }
}

function described(stamp: StampJson | null): string {
  if (stamp === null) return 'nothing';
  const { sha256, size, mtime } = stamp;
  const facts = [sha256 === null ? undefined : sha256.slice(0, 12), size === null ? undefined : `${size} bytes`, mtime];
  return plainLine(facts.filter((fact) => fact !== undefined && fact !== null).join(', ')) || 'not recorded';
}
