import type * as fs from 'node:fs';
import type { Version } from '../version.ts';
import type { Exchange } from './exchange.ts';
import type { Lock } from './lock.ts';

/** Seams for fault injection in tests; never set elsewhere. */
export interface Steps {
  /** After the last compare, before the rename: the window that only the look at what was displaced closes. */
  beforeRename?(): Promise<void> | void;
  /** After the new version got its name, before anybody looks at what was displaced. */
  afterRename?(): Promise<void> | void;
  /** After the rename and the first look at the displaced file, before the second. */
  betweenLooks?(): Promise<void> | void;
  /** After a slip-in was seen, before the foreign version is put back. */
  beforePutBack?(): Promise<void> | void;
  /** Instead of what this system has. */
  exchange?(): Promise<Exchange | undefined>;
}

/** One file to be replaced, and with what. */
export interface Replacement {
  /** Real path of an existing file. */
  readonly path: string;
  /** Its key in the read-cache, by which a displaced version is told to people later. */
  readonly key: string;
  /** What was read from it, and found to be what the session has seen (or is forced). */
  readonly version: Version;
  readonly content: Buffer;
  /** Folder for displaced versions, existing; on the same device if possible. */
  readonly displaced: string;
  /** Keep the displaced version even when all went well. */
  readonly keep: boolean;
  readonly now: number;
  /** True when an editor has got unsaved text of this file since it was read. */
  readonly isUnsaved: () => boolean;
  /** False when the path leads elsewhere by now: a folder on the way has become a link. */
  readonly leadsHere: () => boolean;
  readonly lock: () => Promise<Lock | undefined>;
  readonly steps: Steps;
}

/** A replacement under its lock: the new content lies under a name of its own. */
export interface Prepared extends Replacement {
  readonly temporary: string;
  /** Descriptor of the new content. */
  readonly ours: number;
  readonly exchange: Exchange | undefined;
}

export type Replaced =
  | {
      readonly kind: 'replaced';
      readonly stat: fs.BigIntStats;
      readonly kept?: string;
      /** The displaced version, which lingers for programs that still have it open. */
      readonly lingering?: Lingering;
    }
  | { readonly kind: 'changed' | 'deleted' | 'unsaved' | 'busy' }
  /**
   * Somebody wrote into the old file between the last compare and the rename, or gave its name to another one. Their
   * version is on disk again, unless yet another one has replaced ours meanwhile: then theirs is at `kept`. If
   * something was written into our version before it was taken back, that is at `kept`.
   */
  | { readonly kind: 'slipped-in'; readonly kept?: string };

export interface Lingering {
  readonly file: string;
  /** Its state when it was last found to be what the session had seen. */
  readonly stat: fs.BigIntStats;
}
