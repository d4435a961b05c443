import { codeSpan, cutText } from '../escapeText.ts';
import { isoTime } from '../isoTime.ts';
import type { ParameterChange, ToolChange } from '../report.ts';
import type { BriefingFacts } from './briefing.ts';
import { type BriefingSection, sectionOf } from './briefingSection.ts';

/** Characters of a value, a message, a call's input. */
const MAX_VALUE = 120;
const MAX_INPUT = 200;
const MAX_PARAMETERS = 8;

/** What a briefing says beside files, the most pressing first. */
export function changeSections(facts: BriefingFacts): readonly BriefingSection[] {
  return [interrupted(facts), tools(facts), config(facts), commits(facts), workspace(facts)];
}

function interrupted({ interrupted }: BriefingFacts): BriefingSection {
  return sectionOf(
    'Interrupted calls',
    interrupted,
    ({ tool, input }) => `${codeSpan(tool)} with ${codeSpan(input, MAX_INPUT)}`,
    interrupted.length === 0 ? {} : { note: 'Their results were never recorded; they may have run or not.' },
  );
}

function tools({ tools }: BriefingFacts): BriefingSection {
  const order = [...tools].sort((a, b) => urgency(a) - urgency(b));
  return sectionOf('Tools', order, toolLine);
}

/** What makes a call fail comes first, words last. */
function urgency(change: ToolChange): number {
  switch (change.change) {
    case 'removed':
      return 0;
    case 'changed':
      return change.effect === 'breaking' ? 1 : change.effect === 'compatible' ? 3 : 4;
    case 'added':
      return 2;
  }
}

function toolLine(change: ToolChange): string {
  const name = codeSpan(change.tool);
  switch (change.change) {
    case 'added':
      return `${name}: new`;
    case 'removed':
      return `${name}: no longer there`;
    case 'changed':
      return `${name}: ${effectWords(change)}`;
  }
}

function effectWords(change: Extract<ToolChange, { change: 'changed' }>): string {
  switch (change.effect) {
    case 'breaking': {
      const breaking = change.parameters.filter(({ effect }) => effect === 'breaking');
      const named = breaking.slice(0, MAX_PARAMETERS).map(parameterWords);
      const rest = breaking.length - named.length;
      if (named.length === 0) return 'its schema changed; look at it before you call it';
      return `calls as before may fail: ${named.join('; ')}${rest === 0 ? '' : `; and ${rest} more`}`;
    }
    case 'compatible':
      return 'changed, calls as before still pass';
    case 'text':
      return 'only its description changed';
  }
}

function parameterWords(change: ParameterChange): string {
  const name = change.parameter === '' ? 'its input' : codeSpan(change.parameter, MAX_VALUE);
  switch (change.change) {
    case 'added':
      return `${name} is new and required`;
    case 'removed':
      return `${name} is gone`;
    case 'type':
      return `${name} takes ${value(change.now)} instead of ${value(change.saved)}`;
    case 'required':
      return `${name} is now required`;
    case 'optional':
      return `${name} is no longer required`;
    case 'other':
      return change.keyword === undefined
        ? `${name} takes ${value(change.now)}, was ${value(change.saved)}`
        : `${name} has ${codeSpan(change.keyword, MAX_VALUE)} ${bound(change.now)}, was ${bound(change.saved)}`;
  }
}

function config({ config }: BriefingFacts): BriefingSection {
  return sectionOf(
    'Configuration',
    config,
    ({ field, saved, now }) => `${codeSpan(field)}: ${value(saved)} -> ${value(now)}`,
  );
}

function commits({ commits, moreCommits, recordedHead }: BriefingFacts): BriefingSection {
  const note = recordedHead === undefined ? undefined : headNote(recordedHead);
  return sectionOf(
    'Commits that touch these files',
    commits,
    ({ hash, subject, author, at }) =>
      [`${shortHash(hash, 10)} ${codeSpan(subject, MAX_VALUE)} by ${codeSpan(author, 60)}`, isoTime(at) ?? []]
        .flat()
        .join(', '),
    { ...(note === undefined ? {} : { note }), ...(moreCommits === true ? { more: true } : {}) },
  );
}

/** A commit's name stands among our own words: nothing but hexadecimal digits can be one. */
function shortHash(hash: string, length: number): string {
  return /^[0-9a-f]+$/.test(hash) ? hash.slice(0, length) : codeSpan(hash, length);
}

function headNote({ hash, kind }: NonNullable<BriefingFacts['recordedHead']>): string | undefined {
  const commit = shortHash(hash, 12);
  switch (kind) {
    case 'ancestor':
      return undefined;
    case 'not-ancestor':
      return `The session was saved at commit ${commit}, which the current commit does not descend from: another branch, or rewritten history.`;
    case 'not-there':
      return `The session was saved at commit ${commit}, which this repository does not have; its history since then is not known.`;
  }
}

function workspace({ workspace }: BriefingFacts): BriefingSection {
  return sectionOf(
    'Workspace',
    workspace,
    ({ field, saved, now }) => `${field}: ${value(saved)} -> ${now === undefined ? 'none' : value(now)}`,
  );
}

function value(of: unknown): string {
  if (of === undefined) return 'anything';
  return codeSpan(typeof of === 'string' ? of : jsonStart(of), MAX_VALUE);
}

function bound(of: unknown): string {
  return of === undefined ? 'none' : value(of);
}

/** Values come from outside and may be of any size: a list or an object is only shown where that is cheap. */
function jsonStart(of: unknown): string {
  if (typeof of !== 'object' || of === null) return JSON.stringify(of) ?? 'anything';
  const keys = Array.isArray(of) ? of.length : Object.keys(of).length;
  if (keys > 20) return Array.isArray(of) ? `a list of ${keys}` : `an object of ${keys} fields`;
  return Object.values(of).every((one) => typeof one !== 'object' || one === null)
    ? JSON.stringify(of, (_, one) => (typeof one === 'string' ? cutText(one, MAX_VALUE) : one))
    : Array.isArray(of)
      ? `a list of ${keys}`
      : `an object of ${keys} fields`;
}
