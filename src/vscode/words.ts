import { l10n } from 'vscode';
import type { FileFreshness } from '../core/index.ts';

/** Counts, times and states as people say them. */

export function fileCount(n: number): string {
  return n === 1 ? l10n.t('1 file') : l10n.t('{0} files', n.toLocaleString());
}

export function messageCount(n: number): string {
  return n === 1 ? l10n.t('1 message') : l10n.t('{0} messages', n.toLocaleString());
}

export function sessionCount(n: number): string {
  return n === 1 ? l10n.t('1 session') : l10n.t('{0} sessions', n.toLocaleString());
}

export function turnCount(n: number): string {
  return n === 1 ? l10n.t('1 turn') : l10n.t('{0} turns', n.toLocaleString());
}

/** As the first word of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, short enough for a list: `now`, `5 min`, `2 h`, `3 days`, then the date. Times in ms. */
export function age(at: number, now: number): string {
  const past = Math.max(0, now - at);
  if (past < MINUTE) return l10n.t('now');
  if (past < HOUR) return l10n.t('{0} min', Math.floor(past / MINUTE));
  if (past < DAY) return l10n.t('{0} h', Math.floor(past / HOUR));
  if (past < 2 * DAY) return l10n.t('1 day');
  if (past < 30 * DAY) return l10n.t('{0} days', Math.floor(past / DAY));
  return new Date(at).toLocaleDateString();
}

/** How long ago, for a sentence: `12 s ago`. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 2) return l10n.t('just now');
  if (seconds < 60) return l10n.t('{0} s ago', seconds);
  if (now - at >= 30 * DAY) return l10n.t('on {0}', age(at, now));
  return l10n.t('{0} ago', age(at, now));
}

export function exactTime(at: number | string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toLocaleString();
}

/** Begins with a capital. */
export function sentence(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return l10n.t('{0} and {1}', items.slice(0, -1).join(', '), items.at(-1) ?? '');
}

export function bytes(n: number): string {
  if (n < 1024) return n === 1 ? l10n.t('1 byte') : l10n.t('{0} bytes', n);
  if (n < 1024 * 1024) return l10n.t('{0} KB', Math.round(n / 1024));
  return l10n.t('{0} MB', (n / 1024 / 1024).toFixed(1));
}

export function freshnessText(freshness: FileFreshness['freshness']): string {
  switch (freshness) {
    case 'same':
      return l10n.t('unchanged');
    case 'touched':
      return l10n.t('unchanged (only its time is new)');
    case 'changed':
      return l10n.t('changed');
    case 'deleted':
      return l10n.t('deleted');
    case 'moved':
      return l10n.t('moved');
    case 'unsaved':
      return l10n.t('unsaved changes in an editor');
    case 'unknown':
      return l10n.t('not recorded; must be read again');
    case 'unreadable':
      return l10n.t('cannot be read');
  }
}
