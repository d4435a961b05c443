import type { Freshness, LeaseHolder, NameProblem, Problem, TagProblem } from '../core/index.ts';
import { MAX_NAME_BYTES, MAX_TAG_CHARACTERS } from '../core/index.ts';
import type { Failed } from './ending.ts';
import { plainLine } from './plain.ts';

export interface Said {
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** The one place where the codes of a failure become sentences. */
export function say(failure: Failed): Said {
  const about = plainLine(failure.about);
  const reason = failure.reason === undefined ? '' : ` (${plainLine(failure.reason)})`;
  switch (failure.code) {
    case 'usage':
      return { message: about, hint: failure.reason ?? 'See holdfast --help.' };
    case 'internal':
      return {
        message: `Something went wrong inside Holdfast: ${about}`,
        hint: 'Nothing was lost. Please report this with the command that you ran.',
      };
    case 'invalid-name':
      return {
        message: `"${shortened(about)}" cannot be a session's name: ${nameReason(failure.reason as NameProblem)}.`,
        hint: `A name has at most ${MAX_NAME_BYTES} bytes of any script, without / \\ < > : " | ? *, not starting with a dot, not ending with a dot or a space.`,
      };
    case 'invalid-tag':
      return {
        message: `"${shortened(about)}" cannot be a tag: ${tagReason(failure.reason as TagProblem)}.`,
        hint: `A tag has 1 to ${MAX_TAG_CHARACTERS} characters of any script.`,
      };
    case 'no-folder':
      return {
        message: `${about} is not a folder.`,
        hint: "Check the path; the workspace folder is given with --folder, the agents' home with --home.",
      };
    case 'no-such-session':
      return { message: `There is no saved session "${about}" here.`, hint: 'See the names with: holdfast list' };
    case 'no-such-live-session':
      return {
        message: `No live session ${about} belongs to this folder.`,
        hint: 'See them with: holdfast list --live',
      };
    case 'no-such-message':
      return {
        message: `The session has no message ${about}${reason}.`,
        hint: 'See the messages with: holdfast show NAME',
      };
    case 'no-such-trash':
      return {
        message: `Nothing in the trash is called "${about}".`,
        hint: 'See the trash with: holdfast restore --list',
      };
    case 'no-such-file':
      return {
        message: `There is no file ${about}.`,
        hint: 'Check the path. A relative one starts at the current folder; after read, write and readers, at the workspace folder.',
      };
    case 'ambiguous-id':
      return { message: `More than one live session begins with ${about}.`, hint: 'Give more digits of the id.' };
    case 'unknown-agent':
      return { message: `Holdfast knows no agent "${about}".`, hint: `Known agents: ${failure.reason ?? ''}.` };
    case 'unknown-format':
      return {
        message: `${about} is no session that Holdfast can read${reason}.`,
        hint: 'It takes the transcripts of the agents that it knows, chats that VS Code exported, arrays of messages, and snapshots and exports of its own.',
      };
    case 'unreadable':
      return {
        message: `${about} cannot be read${reason}.`,
        hint:
          failure.reason === 'unreadable'
            ? 'Check the permissions of the file and its folder.'
            : 'The file was left as it is. Put an older copy in its place, or move it away.',
      };
    case 'exists':
      return {
        message: `"${about}" exists already.`,
        hint:
          failure.reason === 'forceable'
            ? 'Choose another name, or overwrite it with --force.'
            : 'Choose another name.',
      };
    case 'conflict':
      return {
        message: `Somebody else saved "${about}" meanwhile${reason}.`,
        hint: 'Nothing was overwritten. Run the command again to work on the newer revision.',
      };
    case 'read-only':
      return {
        message: `"${about}" can be shown, but not written${reason}.`,
        hint:
          failure.reason === 'newer-schema'
            ? 'A newer Holdfast wrote it: update this one, or export a copy there.'
            : 'Its file is damaged and was left as it is. What can be read of it is saved anew by: holdfast import FILE',
      };
    case 'disk-full':
      return {
        message: `No space is left for ${about}.`,
        hint: 'Free some space and run the command again; nothing was lost.',
      };
    case 'no-permission':
      return {
        message: `${about} may not be accessed${reason}.`,
        hint: 'Check the permissions of the file and its folder.',
      };
    case 'io':
      return { message: `${about} could not be read or written${reason}.`, hint: 'Nothing was changed. Try again.' };
    case 'outside':
      return {
        message: `${about} lies outside the workspace folder.`,
        hint: 'A session reads and writes only inside its folder; links that lead out count as outside.',
      };
    case 'not-a-file':
      return { message: `${about} is not a regular file.`, hint: 'Give the path of a file.' };
    case 'protected':
      return { message: `${about} belongs to the sessions folder or to git.`, hint: 'Sessions do not touch it.' };
    case 'too-big':
      return { message: `${about} is too big${reason}.`, hint: 'Work on it with other tools.' };
    case 'bad-json':
      return { message: `${about} is not the JSON that is expected${reason}.`, hint: 'See the README for the shape.' };
    case 'not-native':
      return {
        message: `"${about}" cannot be given to this agent, or did not come from one that Holdfast can start.`,
        hint: 'Hand it over to another one: holdfast resume NAME --agent codex. As plain messages: holdfast export NAME --format messages',
      };
    case 'invalid-transcript':
      return {
        message: `"${about}" was not written for the agent, which would have forgotten part of it in silence${reason}.`,
        hint: 'Nothing was left behind. Please report this; the conversation is shown by: holdfast show NAME',
      };
    case 'elsewhere':
      return {
        message: `The agent has this session for another folder: ${about}`,
        hint: 'Resume it there, or make a fork of it for this folder: holdfast fork NAME',
      };
    case 'unsafe-id':
      return {
        message: `The session's native id is not one that an agent makes: ${shortened(about)}`,
        hint: 'The file may have been tampered with. Nothing was started.',
      };
    case 'no-agent-program':
      return {
        message: `${about} is not installed here, or not on PATH.`,
        hint: 'Install it, or see the command with --print.',
      };
    case 'agent-failed':
      return { message: `${about} ended with an error${reason}.`, hint: 'What it printed above says why.' };
    case 'changed-meanwhile':
      return {
        message: `${about} was changed while you looked at the plan.`,
        hint: 'Nothing was written. Run the command again to see what it would change now.',
      };
    case 'not-confirmed':
      return {
        message: 'Nothing was changed.',
        hint: 'Confirm with y, or give --yes where nobody can be asked. --dry-run shows the change.',
      };
    case 'held':
      return {
        message: `"${about}" is driven by ${failure.holder === undefined ? 'somebody else' : holderWords(failure.holder)}.`,
        hint: 'Close it there, take it over with --take-over, or make a fork of it: holdfast fork NAME',
      };
  }
}

/** Who holds a lease: `VS Code on laptop (process 4711, since 2026-11-20T10:45:10.004Z)`. What is not known is left out. */
export function holderWords({ program, host, pid, since }: LeaseHolder): string {
  const facts = [...(pid > 0 ? [`process ${pid}`] : []), ...(since === '' ? [] : [`since ${since}`])];
  const words = `${program || 'another program'}${host === '' ? '' : ` on ${host}`}`;
  return plainLine(facts.length === 0 ? words : `${words} (${facts.join(', ')})`);
}

function tagReason(problem: TagProblem): string {
  switch (problem) {
    case 'empty':
      return 'it is empty';
    case 'too-long':
      return 'it is too long';
    case 'control-character':
      return 'it contains a control character';
  }
}

function nameReason(problem: NameProblem): string {
  switch (problem) {
    case 'empty':
      return 'it is empty';
    case 'too-long':
      return 'it is too long';
    case 'separator':
      return 'it contains a path separator';
    case 'forbidden-character':
      return 'it contains a character that not every system allows in a file name';
    case 'control-character':
      return 'it contains a control character';
    case 'reserved':
      return 'it is a reserved name on Windows';
    case 'leading-dot':
      return 'it begins with a dot';
    case 'trailing-dot-or-space':
      return 'it begins with a space, or ends with a dot or a space';
  }
}

/** What is wrong with a file, or a line of it, as a phrase. */
export function problemWords({ code, detail }: Problem): string {
  const which = detail === undefined ? '' : ` (${detail})`;
  switch (code) {
    case 'bad-json':
      return `not valid JSON${which}`;
    case 'torn-line':
      return 'the last line is incomplete and was left out';
    case 'bad-checksum':
      return 'a checksum does not match: the line was left out';
    case 'bad-shape':
      return `not of the shape of a session${which}`;
    case 'invalid-utf8':
      return `bytes that are not UTF-8${which}`;
    case 'lone-surrogate':
      return `half a character${which}`;
    case 'duplicate-id':
      return `an id occurs twice${which}`;
    case 'empty-file':
      return 'the file is empty';
    case 'not-a-file':
      return 'a folder or a link, not a file';
    case 'truncated':
      return 'the file ends too early';
    case 'newer-schema':
      return `written by a newer Holdfast${which}`;
    case 'interrupted-call':
      return `a tool call without a result${which}`;
    case 'orphan-result':
      return `a tool result without a call${which}`;
    case 'missing-reference':
      return `refers to something that is not there${which}`;
    case 'unreadable':
      return 'cannot be opened: check its permissions';
  }
}

export function freshnessWords(freshness: Freshness): string {
  switch (freshness) {
    case 'same':
      return 'unchanged';
    case 'touched':
      return 'touched, same content';
    case 'changed':
      return 'changed since the session read it';
    case 'deleted':
      return 'deleted';
    case 'moved':
      return 'moved';
    case 'unsaved':
      return 'has unsaved changes in an editor';
    case 'unknown':
      return 'not known: must be read again before a write';
    case 'unreadable':
      return 'cannot be read';
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
