import type { NativeProblem } from './agent.ts';

/** What was written would make the agent forget something in silence; nothing of it was left behind. */
export class InvalidTranscript extends Error {
  readonly problems: readonly NativeProblem[];
  constructor(problems: readonly NativeProblem[]) {
    const [first] = problems;
    super(
      `the agent would pass over what was written in silence (${first?.code ?? 'nothing'}, record ${first?.record ?? '-'})`,
    );
    this.name = 'InvalidTranscript';
    this.problems = problems;
  }
}

/** Throws `InvalidTranscript` where there are problems: what is wrong with the content is no defect of ours. */
export function refuseInvalid(problems: readonly NativeProblem[]): void {
  if (problems.length > 0) throw new InvalidTranscript(problems);
}

/** The same where what was written does not read back whole; both are counts of messages. */
export function refuseMisread(read: number, written: number): void {
  if (read !== written)
    throw new InvalidTranscript([{ code: 'broken-chain', detail: `${read} of ${written} messages` }]);
}
