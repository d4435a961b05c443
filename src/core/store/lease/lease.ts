/**
 * Which window or process drives a session. Other fields of the file are kept for what comes later. What a damaged
 * lease file does not tell is empty (`pid` 0).
 */
export interface LeaseHolder {
  /** Unique per taking. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** What drives, as people know it: `VS Code`, `holdfast resume`. */
  readonly program: string;
  /** ISO time of the taking, by the holder's clock. */
  readonly since: string;
}

/** A lease that this process holds, renewed by a heartbeat until it is released or lost. */
export interface Lease {
  readonly holder: LeaseHolder;
  /** Asks the disk. Where that cannot be read: as it was known last. */
  isMine(): Promise<boolean>;
  /** Gives it up; a lease that another one has taken over is left alone. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly program: string;
  /** Take it even from a living holder, which then learns that it has lost it. */
  readonly takeOver?: boolean;
  /** Another one has taken the lease over (its facts, where they can be read). Called once. */
  readonly onLost?: (by: LeaseHolder | undefined) => void;
}

export type LeaseOutcome =
  | { readonly kind: 'taken'; readonly lease: Lease }
  /** A living holder has it. */
  | { readonly kind: 'held'; readonly holder: LeaseHolder }
  /** `code` is the system's; also EINVAL (an id that cannot name a file), ELOOP (a link in its place), ELOCKED. */
  | { readonly kind: 'io'; readonly code: string; readonly path: string; readonly message: string };

/** How often a holder shows that it lives, and after how long without that it counts as dead; both in ms. */
export interface LeasePeriods {
  readonly beat: number;
  readonly stale: number;
}

export const LEASE_PERIODS: LeasePeriods = { beat: 5000, stale: 30_000 };
