import { LanguageModelTextPart, LanguageModelToolResult } from 'vscode';
import { normaliseText, type ReadOutcome, type Theirs, type WriteOutcome } from '../../core/index.ts';
import { type ChangedRegion, changedRegion } from '../editing/changedRegion.ts';
import { tools } from '../ids.ts';
import type { Hold } from '../session/activeSession.ts';

/**
 * What a model reads. These texts are instructions for a model, so they are English in every language of the window,
 * and each names the next step.
 */

/** A longer excerpt costs the model more than reading the file again. */
const EXCERPT_LINES = 40;
const EXCERPT_CHARACTERS = 4000;

export function answer(text: string): LanguageModelToolResult {
  return new LanguageModelToolResult([new LanguageModelTextPart(text)]);
}

export function noSession(): LanguageModelToolResult {
  return answer(
    'No session is active in this window, so nothing was read or written. Ask the user to load one with the command "Sessions: Load".',
  );
}

export function heldSession(name: string, hold: Hold): LanguageModelToolResult {
  if (hold === 'read-only')
    return answer(`The user lets the session "${name}" go on read-only. Nothing was written; you may read files.`);
  return answer(
    `The session "${name}" was loaded, but its folder changed since it was saved and the user has not decided yet whether to continue. Nothing was written. Tell the user, and wait.`,
  );
}

export function followedSession(name: string): LanguageModelToolResult {
  return answer(
    `Another window or program drives the session "${name}" now, and this window only follows it: nothing was read or written. Tell the user, who can take it over with the command "Sessions: Take Over Session", or fork it, and wait.`,
  );
}

export function readAnswer(
  outcome: Extract<ReadOutcome, { kind: 'read' }>,
  from: number,
  to: number | undefined,
): LanguageModelToolResult {
  const text = normaliseText(outcome.bytes);
  const lines = text.split('\n');
  const last = Math.min(to ?? lines.length, lines.length);
  const part = lines.slice(from - 1, last).join('\n');
  const whole = from === 1 && last === lines.length;
  const range = whole ? `${lines.length} lines` : `lines ${from} to ${last} of ${lines.length}`;
  const unsaved = outcome.unsaved ? ' This is the unsaved text of an open editor.' : '';
  return new LanguageModelToolResult([
    new LanguageModelTextPart(`${outcome.key}: ${range}.${unsaved}`),
    new LanguageModelTextPart(part),
  ]);
}

/** Whether these lines (1-based) are less than the whole. */
export function showsPart(bytes: Uint8Array, from: number, to: number | undefined): boolean {
  return from > 1 || (to !== undefined && to < normaliseText(bytes).split('\n').length);
}

/** `seen` is the text that the session believes in, where it is known. */
export function writeAnswer(outcome: WriteOutcome, seen: string | undefined): LanguageModelToolResult {
  switch (outcome.kind) {
    case 'written': {
      const how = outcome.created ? 'was created' : 'was written';
      const where = outcome.unsaved
        ? ' The file is open with unsaved changes: the edit is in that editor, not on the disk yet.'
        : '';
      const merge = outcome.merged
        ? ` The file had changed since you read it, and your edit was merged with that. Read it again with ${tools.readFile} before you replace it whole.`
        : '';
      return answer(`${outcome.key} ${how}.${merge}${where}`);
    }
    case 'no-match':
      return answer(
        outcome.matches === 0
          ? `Nothing was written: oldText does not occur in ${outcome.key}. Read it with ${tools.readFile} and use text that is there.`
          : `Nothing was written: oldText occurs ${outcome.matches} times in ${outcome.key}. Give more of the surrounding text so that it occurs once, or set replaceAll.`,
      );
    case 'conflict':
      return answer(conflictAnswer(outcome, seen));
    case 'missing':
      return answer(`Nothing was written: ${outcome.key} does not exist. To create it, use ${tools.writeFile}.`);
    case 'outside':
      return answer(`Nothing was written: ${outcome.path} is outside the workspace folder.`);
    case 'not-a-file':
      return answer(`Nothing was written: ${outcome.key} is not a file.`);
    case 'protected':
      return answer(`Nothing was written: ${outcome.key} belongs to git or to the saved sessions and is protected.`);
    case 'too-big':
      return answer(`Nothing was written: ${outcome.key} has ${outcome.bytes} bytes; the limit is ${outcome.limit}.`);
    case 'io':
      return answer(`Nothing was written: ${outcome.path}: ${outcome.code}.`);
  }
}

function conflictAnswer(outcome: Extract<WriteOutcome, { kind: 'conflict' }>, seen: string | undefined): string {
  const { key } = outcome;
  const again = `Read it again with ${tools.readFile}, then retry your edit on what is there now.`;
  switch (outcome.reason) {
    case 'unread':
      return `Conflict, nothing was written: ${key} exists and you have not read the whole of the version that is there. Read it with ${tools.readFile} first, then retry.`;
    case 'unknown':
      return `Conflict, nothing was written: which version of ${key} this session saw was not recorded. ${again}`;
    case 'deleted':
      return `Conflict, nothing was written: ${key} was deleted since this session read it. If it should exist again, ask the user; ${tools.readFile} tells whether it is back.`;
    case 'unsaved':
      return `Conflict, nothing was written: ${key} has unsaved changes in an editor that this session has not seen. ${whatChanged(outcome.theirs, seen)}${again}`;
    case 'changed':
      return `Conflict, nothing was written: ${key} changed since this session read it. ${whatChanged(outcome.theirs, seen)}${again}`;
    case 'slipped-in':
      return `Conflict: another program wrote ${key} at the same moment, and its version was kept. ${again}`;
  }
}

export function theirText(theirs: Theirs): string | undefined {
  if (theirs.unsaved !== undefined) return normaliseText(theirs.unsaved);
  return theirs.bytes && normaliseText(theirs.bytes);
}

function whatChanged(theirs: Theirs, seen: string | undefined): string {
  const now = theirText(theirs);
  const region = seen === undefined || now === undefined ? undefined : changedRegion(seen, now);
  if (!region) return '';
  const { before, after } = region;
  if (before.lines.length === 0) {
    const where = before.to === 0 ? 'Before its first line' : `After its line ${before.to}`;
    return `${where} there is now:\n${excerpt(after.lines)}\n\n`;
  }
  const was = `Its ${lineRange(before)} as this session read them:\n${excerpt(before.lines)}\n`;
  if (after.lines.length === 0) return `${was}are gone.\n\n`;
  return `${was}are now ${lineRange(after)}:\n${excerpt(after.lines)}\n\n`;
}

function lineRange({ from, to }: ChangedRegion['before']): string {
  return from === to ? `line ${from}` : `lines ${from} to ${to}`;
}

function excerpt(lines: readonly string[]): string {
  const text = lines.slice(0, EXCERPT_LINES).join('\n').slice(0, EXCERPT_CHARACTERS);
  return lines.length > EXCERPT_LINES ? `${text}\n(${lines.length - EXCERPT_LINES} more lines)` : text;
}
