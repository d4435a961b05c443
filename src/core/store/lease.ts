/** Which window or process drives a session. Other fields of the file are kept for what comes later. */
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
  /** Asks the disk. */
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
  | { readonly kind: 'io'; readonly code: string; readonly path: string; readonly message: string };
