import { l10n } from 'vscode';
import type { NameProblem, OpenFailure, Problem, Refusal, WriteFailure } from '../core/index.ts';
import { HumanError } from './humanError.ts';
import { bytes } from './words.ts';

/** What went wrong, and what to do: where the error codes of the core become sentences. */

export function nameProblemText(problem: NameProblem): string {
  switch (problem) {
    case 'empty':
      return l10n.t('A session needs a name.');
    case 'too-long':
      return l10n.t('This name is too long for a file.');
    case 'separator':
      return l10n.t('A name cannot contain / or \\.');
    case 'forbidden-character':
      return l10n.t('A name cannot contain any of < > : " | ? *.');
    case 'control-character':
      return l10n.t('A name cannot contain invisible control characters.');
    case 'reserved':
      return l10n.t('Windows reserves this name for a device.');
    case 'leading-dot':
      return l10n.t('A name cannot begin with a dot.');
    case 'trailing-dot-or-space':
      return l10n.t('A name cannot begin with a space, or end with a dot or a space.');
  }
}

/** What is wrong with a file, as a phrase: `line 12 is not JSON`. */
export function problemText(problem: Problem): string {
  const what = problemKind(problem);
  return problem.line === undefined ? what : l10n.t('line {0}: {1}', problem.line, what);
}

function problemKind({ code, detail }: Problem): string {
  switch (code) {
    case 'bad-json':
      return l10n.t('not valid JSON');
    case 'torn-line':
      return l10n.t('the last line is incomplete');
    case 'bad-checksum':
      return l10n.t('a checksum does not match');
    case 'bad-shape':
      return detail ? l10n.t('not a session: {0}', detail) : l10n.t('not a session');
    case 'invalid-utf8':
      return l10n.t('bytes that are not UTF-8');
    case 'lone-surrogate':
      return l10n.t('a broken character');
    case 'duplicate-id':
      return l10n.t('an id occurs twice');
    case 'empty-file':
      return l10n.t('the file is empty');
    case 'not-a-file':
      return l10n.t('a folder, not a file');
    case 'truncated':
      return l10n.t('the file ends too early');
    case 'newer-schema':
      return l10n.t('written by a newer version of Holdfast');
    case 'interrupted-call':
      return l10n.t('a tool call without its result');
    case 'orphan-result':
      return l10n.t('a tool result without its call');
    case 'missing-reference':
      return l10n.t('something it refers to is missing');
    case 'unreadable':
      return detail ? l10n.t('cannot be read ({0})', detail) : l10n.t('cannot be read');
    default:
      return code satisfies never;
  }
}

/** What to do about a file that is not a readable session. */
export function remedy(problems: readonly Problem[]): string {
  const codes = new Set(problems.map((problem) => problem.code));
  if (codes.has('newer-schema')) return l10n.t('Update Holdfast to change it; it can be read as it is.');
  if (codes.has('not-a-file')) return l10n.t('Move the folder elsewhere or rename it.');
  if (codes.has('unreadable')) return l10n.t('Check the file’s permissions.');
  return l10n.t('The file is kept as it is. Reveal it to repair or restore it, or delete it (it goes to the trash).');
}

/** The system's error codes that people meet. */
export function ioReason(code: string): string {
  switch (code) {
    case 'ENOSPC':
      return l10n.t('disk full');
    case 'EDQUOT':
      return l10n.t('disk quota used up');
    case 'EACCES':
    case 'EPERM':
      return l10n.t('no permission');
    case 'EROFS':
      return l10n.t('the disk is read-only');
    case 'ENOTDIR':
    case 'EEXIST':
      return l10n.t('a file is in the place of the sessions’ folder');
    case 'EISDIR':
      return l10n.t('a folder is in the place of its file');
    case 'ENOENT':
      return l10n.t('the folder is gone');
    case 'EBUSY':
      return l10n.t('another program holds the file');
    case 'EMFILE':
    case 'ENFILE':
      return l10n.t('too many open files');
    default:
      return code;
  }
}

/** Why nothing was written, as a short phrase for the status bar. */
export function writeFailureReason(failure: WriteFailure): string {
  switch (failure.kind) {
    case 'io':
      return ioReason(failure.code);
    case 'conflict':
      return l10n.t('saved elsewhere as revision {0}', failure.theirs);
    case 'missing':
      return l10n.t('its file is gone');
    case 'exists':
      return l10n.t('another session has this name');
    case 'read-only':
      return l10n.t('its file is read-only');
    case 'invalid-name':
      return nameProblemText(failure.problem);
  }
}

export function writeFailureError(name: string, failure: WriteFailure): HumanError {
  switch (failure.kind) {
    case 'io':
      return new HumanError(
        l10n.t(
          'The session {0} was not saved: {1} ({2}). What was there before is unchanged.',
          name,
          ioReason(failure.code),
          failure.path,
        ),
      );
    case 'conflict':
      return new HumanError(
        l10n.t(
          'The session {0} was saved elsewhere meanwhile, as revision {1}. Nothing was overwritten; load it again, or save under another name.',
          name,
          failure.theirs,
        ),
      );
    case 'missing':
      return new HumanError(l10n.t('The session {0} does not exist any more. Refresh the list.', name));
    case 'exists':
      return new HumanError(l10n.t('Another session is named {0}. Choose another name.', name));
    case 'read-only':
      return new HumanError(
        l10n.t(
          'The session {0} cannot be changed: {1}. {2}',
          name,
          problemsText(failure.problems),
          remedy(failure.problems),
        ),
      );
    case 'invalid-name':
      return new HumanError(nameProblemText(failure.problem));
  }
}

export function openFailureError(name: string, failure: OpenFailure): HumanError {
  switch (failure.kind) {
    case 'missing':
      return new HumanError(l10n.t('The session {0} does not exist any more. Refresh the list.', name));
    case 'invalid-name':
      return new HumanError(nameProblemText(failure.problem));
    case 'unreadable':
      return new HumanError(
        l10n.t(
          'The session {0} cannot be read: {1}. {2}',
          name,
          problemsText(failure.problems),
          remedy(failure.problems),
        ),
      );
  }
}

/** The first problems in words; the rest as a number. */
export function problemsText(problems: readonly Problem[], most = 3): string {
  const said = problems.slice(0, most).map(problemText);
  const rest = problems.length - said.length;
  if (rest > 0) said.push(l10n.t('{0} more', rest));
  return said.join('; ') || l10n.t('unknown');
}

export function refusalText(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'missing':
      return l10n.t('{0} does not exist.', refusal.key);
    case 'outside':
      return l10n.t('{0} is outside the workspace folder.', refusal.path);
    case 'not-a-file':
      return l10n.t('{0} is not a file.', refusal.key);
    case 'protected':
      return l10n.t('{0} is protected: it belongs to git or to the saved sessions.', refusal.key);
    case 'too-big':
      return l10n.t('{0} is too big: {1} of at most {2}.', refusal.key, bytes(refusal.bytes), bytes(refusal.limit));
    case 'io':
      return l10n.t('{0} could not be read or written: {1}.', refusal.path, ioReason(refusal.code));
  }
}
