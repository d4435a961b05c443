import { type Decision, type DriftReport, isStale, withoutAccepted } from '../../core/index.ts';

/** What of a report somebody accepted before, and who: by field, tool name or file key. */
export interface Accepted {
  /** The report without it. */
  readonly open: DriftReport;
  readonly config: ReadonlyMap<string, Decision>;
  readonly tools: ReadonlyMap<string, Decision>;
  readonly workspace: ReadonlyMap<string, Decision>;
  readonly files: ReadonlyMap<string, Decision>;
}

/** The views ask for each row and at each repaint; comparing thousands of files takes some 20 ms. */
const known = new WeakMap<DriftReport, { readonly decisions: number; readonly accepted: Accepted }>();

export function acceptedOf(report: DriftReport, decisions: readonly Decision[]): Accepted {
  const before = known.get(report);
  if (before?.decisions === decisions.length) return before.accepted;
  const open = withoutAccepted(report, [...decisions]);
  const newest = decisions.toReversed();
  const accepted: Accepted = {
    open,
    config: by(report.config.map(fieldOf), open.config.map(fieldOf), newest, ({ config }) => config?.map(fieldOf)),
    tools: by(report.tools.map(toolOf), open.tools.map(toolOf), newest, ({ tools }) => tools?.map(toolOf)),
    workspace: by(report.workspace.map(fieldOf), open.workspace.map(fieldOf), newest, ({ workspace }) =>
      workspace?.map(fieldOf),
    ),
    files: by(staleKeys(report), staleKeys(open), newest, ({ files }) => files?.map(keyOf)),
  };
  known.set(report, { decisions: decisions.length, accepted });
  return accepted;
}

/** Of what is not open any more, the newest decision that names it. */
function by(
  all: readonly string[],
  open: readonly string[],
  newest: readonly Decision[],
  names: (accepted: Decision['accepted']) => readonly string[] | undefined,
): ReadonlyMap<string, Decision> {
  const found = new Map<string, Decision>();
  if (open.length === all.length) return found;
  const still = new Set(open);
  const gone = new Set(all.filter((name) => !still.has(name)));
  for (const decision of newest) {
    for (const name of names(decision.accepted) ?? []) if (gone.delete(name)) found.set(name, decision);
    if (gone.size === 0) break;
  }
  return found;
}

const fieldOf = ({ field }: { readonly field: string }): string => field;
const toolOf = ({ tool }: { readonly tool: string }): string => tool;
const keyOf = ({ key }: { readonly key: string }): string => key;
const staleKeys = ({ files }: DriftReport): readonly string[] => files.filter(isStale).map(keyOf);
