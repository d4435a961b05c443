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

/** Throws `InvalidTranscript` where there are problems. */
export function refuseInvalid(problems: readonly NativeProblem[]): void {
  if (problems.length > 0) throw new InvalidTranscript(problems);
}
