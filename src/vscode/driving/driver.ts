import { type LogOutputChannel, l10n } from 'vscode';
import type { Lease, LeaseHolder, LeaseOutcome } from '../../core/index.ts';
import type { Place } from '../places.ts';

/** The lease of a session, held by this window. */
export interface HeldLease {
  readonly lease: Lease;
  /** Resolves when another one has taken it over, with its facts where they can be read. */
  readonly lost: Promise<LeaseHolder | undefined>;
}

/** Who drives a session, as far as this window knows; whoever does not drive it only follows. */
export type Driver =
  /** This window; without a lease where the disk takes none, as it will not take a save then. */
  | { readonly kind: 'me'; readonly held: HeldLease | undefined }
  | { readonly kind: 'other'; readonly holder: LeaseHolder }
  /** The one who drove it has let it go, or is gone: people decide who goes on. */
  | { readonly kind: 'nobody' };

export const PROGRAM = 'VS Code';

export type Taking = Exclude<LeaseOutcome, { kind: 'taken' }> | { readonly kind: 'taken'; readonly held: HeldLease };

export async function takeSession(place: Place, sessionId: string, takeOver = false): Promise<Taking> {
  let lose: (by: LeaseHolder | undefined) => void = () => undefined;
  const lost = new Promise<LeaseHolder | undefined>((resolve) => {
    lose = resolve;
  });
  const outcome = await place.store.takeLease(sessionId, { program: PROGRAM, takeOver, onLost: lose });
  return outcome.kind === 'taken' ? { kind: 'taken', held: { lease: outcome.lease, lost } } : outcome;
}

/** Who drives after an attempt to take the lease. Where the disk takes none, what is written there will tell why. */
export function driverAfter(outcome: Taking, log: LogOutputChannel): Driver {
  switch (outcome.kind) {
    case 'taken':
      return { kind: 'me', held: outcome.held };
    case 'held':
      return { kind: 'other', holder: outcome.holder };
    case 'io':
      log.warn(`No lease: ${outcome.path}: ${outcome.code}`);
      return { kind: 'me', held: undefined };
  }
}

export async function letGo(driver: Driver): Promise<void> {
  if (driver.kind === 'me') await driver.held?.lease.release();
}

/** `host ada-laptop, process 4711, since 10:32`; a lease file that somebody damaged tells less, or nothing. */
export function holderText({ host, pid, since }: LeaseHolder): string {
  const taken = new Date(since);
  const today = taken.toDateString() === new Date().toDateString();
  const parts = [
    ...(host === '' ? [] : [l10n.t('host {0}', host)]),
    ...(pid === 0 ? [] : [l10n.t('process {0}', pid)]),
    ...(Number.isNaN(taken.getTime())
      ? []
      : [
          l10n.t(
            'since {0}',
            today
              ? taken.toLocaleTimeString([], { timeStyle: 'short' })
              : taken.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }),
          ),
        ]),
  ];
  return parts.length === 0 ? l10n.t('it cannot be read who') : parts.join(', ');
}

/** `another window`, or the program's name. */
export function holderName({ program }: LeaseHolder): string {
  if (program === '') return l10n.t('another program');
  return program === PROGRAM ? l10n.t('another window') : program;
}
