import type { DriftKind, DriftReport, ParameterChange, ToolChange } from '../core/index.ts';
import { isClean } from '../core/index.ts';
import { plainLine } from './plain.ts';
import { counted } from './shapes.ts';
import { freshnessWords } from './words.ts';

/** A drift report for a terminal. Files that have not changed are only counted. */
export function reportText(name: string, report: DriftReport): string {
  const fresh = report.files.filter(({ freshness }) => freshness === 'same' || freshness === 'touched').length;
  return [
    isClean(report) ? `Nothing has changed since "${name}" was saved.` : `Changed since "${name}" was saved:`,
    ...section(
      'Configuration',
      report.config.map(({ field, saved, now }) => `${field}: ${value(saved)} -> ${value(now)}`),
    ),
    ...section('Tools', report.tools.flatMap(toolLines)),
    ...section(
      'Workspace',
      report.workspace.map(({ field, saved, now }) => `${field}: ${saved} -> ${now ?? 'none'}`),
    ),
    ...section(
      'Files',
      report.files
        .filter(({ freshness }) => freshness !== 'same' && freshness !== 'touched')
        .map(({ key, freshness, movedTo }) =>
          movedTo === undefined ? `${key}: ${freshnessWords(freshness)}` : `${key}: moved to ${movedTo}`,
        ),
    ),
    ...(fresh === 0 ? [] : [`${counted(fresh, 'file')} as the session saw ${fresh === 1 ? 'it' : 'them'}.`]),
    ...report.notCompared.map((kind) => `${kindWords(kind)}: not recorded, or not known now.`),
  ]
    .map((line) => line.replace(/^( *)(.*)$/s, (_, indent: string, text: string) => indent + plainLine(text)))
    .join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function toolLines(change: ToolChange): readonly string[] {
  switch (change.change) {
    case 'added':
      return [`${change.tool}: new`];
    case 'removed':
      return [`${change.tool}: gone${used(change.usedBy)}`];
    case 'changed':
      return [
        `${change.tool}: ${change.tooBig === true ? 'too big to compare' : `changed, ${change.effect}`}${used(change.usedBy)}`,
        ...change.parameters.map((parameter) => `  ${parameter.parameter || 'input'}: ${parameterWords(parameter)}`),
      ];
  }
}

function parameterWords(change: ParameterChange): string {
  switch (change.change) {
    case 'added':
      return change.effect === 'breaking' ? 'new and required' : 'new';
    case 'removed':
      return 'gone';
    case 'type':
      return `type ${value(change.saved)} -> ${value(change.now)}`;
    case 'required':
      return 'now required';
    case 'optional':
      return 'no longer required';
    case 'other':
      return `${change.effect}, ${change.keyword === undefined ? '' : `${value(change.keyword)} `}${value(change.saved)} -> ${value(change.now)}`;
  }
}

function used(ids: readonly string[]): string {
  return ids.length === 0 ? '' : ` (used by ${counted(ids.length, 'message')})`;
}

function kindWords(kind: DriftKind): string {
  switch (kind) {
    case 'config':
      return 'Configuration';
    case 'tools':
      return 'Tools';
    case 'workspace':
      return 'Workspace';
    case 'files':
      return 'Files';
  }
}

function value(of: unknown): string {
  const text = of === undefined ? 'any' : typeof of === 'string' ? of : JSON.stringify(of);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
