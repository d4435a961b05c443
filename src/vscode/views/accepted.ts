import { type Decision, type DriftReport, isStale, withoutAccepted } from '../../core/index.ts';

/** Who accepted which difference: by field, tool name or file key. */
export interface Accepted {
  readonly config: ReadonlyMap<string, Decision>;
  readonly tools: ReadonlyMap<string, Decision>;
  readonly workspace: ReadonlyMap<string, Decision>;
  readonly files: ReadonlyMap<string, Decision>;
}

/** Only the newest decisions are named: each costs a pass over all files. */
const MOST_DECISIONS = 20;

const known = new WeakMap<DriftReport, { readonly decisions: number; readonly accepted: Accepted }>();

/** The newest decision that accepted each difference of a report. */
export function accepted(report: DriftReport, decisions: readonly Decision[]): Accepted {
  const before = known.get(report);
  if (before?.decisions === decisions.length) return before.accepted;
  const found = find(report, decisions);
  known.set(report, { decisions: decisions.length, accepted: found });
  return found;
}

function find(report: DriftReport, decisions: readonly Decision[]): Accepted {
  const config = new Map<string, Decision>();
  const tools = new Map<string, Decision>();
  const workspace = new Map<string, Decision>();
  const files = new Map<string, Decision>();
  let rest = report;
  for (const decision of decisions.slice(-MOST_DECISIONS).toReversed()) {
    const left = withoutAccepted(rest, [decision]);
    const note = (all: readonly string[], open: readonly string[], by: Map<string, Decision>): void => {
      const still = new Set(open);
      for (const one of all) if (!still.has(one)) by.set(one, decision);
    };
    note(rest.config.map(fieldOf), left.config.map(fieldOf), config);
    note(rest.workspace.map(fieldOf), left.workspace.map(fieldOf), workspace);
    note(rest.tools.map(toolOf), left.tools.map(toolOf), tools);
    note(staleKeys(rest), staleKeys(left), files);
    rest = left;
  }
  return { config, tools, workspace, files };
}

const fieldOf = ({ field }: { readonly field: string }): string => field;
const toolOf = ({ tool }: { readonly tool: string }): string => tool;
const staleKeys = ({ files }: DriftReport): readonly string[] => files.filter(isStale).map(({ key }) => key);
