import { l10n } from 'vscode';
import type { Reduction } from '../../agents/index.ts';

export interface Variant {
  readonly label: string;
  /** Absent: the whole. */
  readonly reduction?: Reduction;
}

const LAST_TURNS = 10;

/** How much of a session can be handed over; pinned messages stay whole in each. */
export function variants(): readonly Variant[] {
  return [
    { label: l10n.t('Whole') },
    { label: l10n.t('Without Old Tool Outputs'), reduction: { dropToolOutputs: true } },
    { label: l10n.t('Last {0} Turns', LAST_TURNS), reduction: { lastTurns: LAST_TURNS } },
    {
      label: l10n.t('Last {0} Turns without Old Tool Outputs', LAST_TURNS),
      reduction: { lastTurns: LAST_TURNS, dropToolOutputs: true },
    },
  ];
}
