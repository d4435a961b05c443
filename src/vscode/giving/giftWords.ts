import { l10n } from 'vscode';
import type { Agent, Given, GivePlan, HandOverReport } from '../../agents/index.ts';
import { messageCount } from '../words.ts';

/** What giving a session to an agent does to it, in words. */

/** An estimate, as exact as it can be: `≈ 48,000 tokens`. */
export function tokensText(tokens: number): string {
  const step = 10 ** Math.max(1, Math.floor(Math.log10(Math.max(1, tokens))) - 1);
  return l10n.t('≈ {0} tokens', (Math.max(1, Math.round(tokens / step)) * step).toLocaleString());
}

/** What crosses and what does not: only what there is is spoken of. */
export function reportText(report: HandOverReport): string {
  const facts: string[] = [messageCount(report.messages)];
  const add = (count: number, text: (count: string) => string): void => {
    if (count > 0) facts.push(text(count.toLocaleString()));
  };
  add(report.callsMapped + report.callsKept, (n) => l10n.t('tool calls kept: {0}', n));
  add(report.callsAsText, (n) => l10n.t('tool calls as text: {0}', n));
  add(report.partsAsText, (n) => l10n.t('other parts as text: {0}', n));
  add(report.imagesKept, (n) => l10n.t('images kept: {0}', n));
  add(report.imagesAsText, (n) => l10n.t('images as text: {0}', n));
  add(report.outputsDropped, (n) => l10n.t('outputs left out: {0}', n));
  add(report.messagesDropped, (n) => l10n.t('messages left out: {0}', n));
  add(report.reasoningDropped, (n) => l10n.t('reasoning left out: {0}', n));
  add(report.systemDropped, (n) => l10n.t('system messages left out: {0}', n));
  add(report.interrupted, (n) => l10n.t('calls marked as interrupted: {0}', n));
  return facts.join(' · ');
}

/** What happens when the agent is given the session, as one line under its name. */
export function planText(plan: GivePlan, isOwn: boolean): string {
  switch (plan.kind) {
    case 'present':
      return isOwn
        ? l10n.t('Goes on with its own session')
        : l10n.t('Has it already, and goes on where it was left there');
    case 'to-write':
      if (plan.from === 'raw') return l10n.t('Written again from the saved transcript: nothing is lost');
      return plan.report ? reportText(plan.report) : l10n.t('Written again from the saved messages');
    case 'elsewhere':
      return l10n.t('Keeps it for another folder: fork it to go on here');
    case 'refused':
      return refusedText(plan.code);
  }
}

export function refusedText(code: Extract<GivePlan, { kind: 'refused' }>['code']): string {
  switch (code) {
    case 'not-native':
      return l10n.t('Cannot be given a session');
    case 'unsafe-id':
      return l10n.t('The session’s id is not one that the agent makes');
    case 'not-open':
      return l10n.t('The saved session cannot be read');
    case 'newer-schema':
      return l10n.t('The session was saved by a newer version of Holdfast');
  }
}

/** Why an agent was not given the session; nothing was left behind. */
export function notGivenText(name: string, to: Agent, failure: Exclude<Given, { kind: 'given' }>): string {
  switch (failure.kind) {
    case 'invalid':
      return l10n.t(
        '{0} was not given to {1}: the agent would have forgotten a part of it in silence ({2}). Nothing was left behind.',
        name,
        to.label,
        [...new Set(failure.problems.map(({ code }) => code))].join(', '),
      );
    case 'elsewhere':
      return l10n.t(
        '{0} keeps the transcript of {1} for another folder ({2}). Resume it there, or fork {1} and resume the fork here.',
        to.label,
        name,
        failure.transcript,
      );
    case 'refused':
      return l10n.t('{0} was not given to {1}. {2}.', name, to.label, refusedText(failure.code));
  }
}
