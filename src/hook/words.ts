import type { Refusal } from './checkEdit.ts';
import type { SlippedIn } from './noteCall.ts';
import type { ShellChange } from './noteShell.ts';

/** So many files are named. */
const NAMED = 10;

/** What the model is told instead of an edit. */
export function refusalWords(refusals: readonly Refusal[]): string {
  const [only] = refusals;
  const again = refusals.some(({ why }) => why !== 'deleted' && why !== 'unreadable');
  const first = refusals.every(({ why }) => why === 'unread');
  const lines = some(refusals.map(refusalLine));
  const them = refusals.length === 1 ? 'it' : 'them';
  const what = again
    ? `Read ${them} ${first ? 'first' : 'again'}, then repeat the edit.`
    : only?.why === 'unreadable'
      ? `Nothing was changed. Repeat the edit when ${them} can be read.`
      : 'Repeat the edit only if you mean to create it anew.';
  return `Holdfast: ${lines} ${what}`;
}

function refusalLine({ name, why, seenAt, changedAt, detail }: Refusal): string {
  const file = plain(name);
  switch (why) {
    case 'changed':
      return `${file} has changed since this session read it (read ${time(seenAt)}, changed ${time(changedAt)}).`;
    case 'deleted':
      return `${file} was deleted since this session read it (read ${time(seenAt)}).`;
    case 'unknown':
      return `${file} may have changed since this session read it (read ${time(seenAt)}, last change ${time(changedAt)}).`;
    case 'unread':
      return `${file} exists, and this session has not read it.`;
    case 'model-unread':
      return `${file} has changes that this session has not read; it must not be replaced as a whole.`;
    case 'unreadable':
      return `${file} cannot be read now (${plain(detail ?? '')}), so it cannot be told whether it has changed.`;
  }
}

/** What the model is told after a shell command. */
export function shellWords(changes: readonly ShellChange[]): string {
  const words = changes.map(({ name, change }) => `${plain(name)} (${change})`);
  const again = changes.some(({ change }) => change === 'changed') ? ' Read them again before you edit them.' : '';
  return `Holdfast: files that this session has read are not what it has read any more, since or through this command: ${some(words, ', ')}.${again}`;
}

/** What the model is told after an edit that somebody slipped in before. */
export function slippedInWords(slipped: readonly SlippedIn[]): string {
  const lines = slipped.map(({ name, lost }) =>
    lost
      ? `${plain(name)} was changed by somebody else just before this write, which replaced that change. Tell the user.`
      : `${plain(name)} is not what this session's edit alone would have made: somebody or something else changes it too. Read it again before you edit it.`,
  );
  return `Holdfast: ${some(lines)}`;
}

/** What the person is told once where a session cannot be protected. */
export const BLIND =
  'Holdfast: it is not known what this session has read before; files that it reads from now on are protected.';

function some(words: readonly string[], between = ' '): string {
  const more = words.length - NAMED;
  return [...words.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(between);
}

function time(ms: number | undefined): string {
  // A hostile or broken record has any number.
  return ms === undefined || !(Math.abs(ms) < 8.64e15) ? 'at an unknown time' : new Date(ms).toISOString();
}

/**
 * A file's name is nothing but a name to a model: what could end it, hide in it or turn it around is taken out, and one
 * that is more than a plain path stands in quotes.
 */
function plain(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, '?')
    .replaceAll('"', "'");
  const short = line.length > 300 ? `${line.slice(0, 299)}…` : line;
  return /^[\p{L}\p{N}\p{M}._/\\@+~=:%[\]-]*$/u.test(short) ? short : `"${short}"`;
}
