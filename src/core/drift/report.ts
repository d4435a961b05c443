import type { FileFreshness } from '../files/stamp.ts';

export type DriftKind = 'config' | 'tools' | 'workspace' | 'files';
export type DriftPolicy = 'ignore' | 'warn' | 'ask' | 'block';
export type DriftPolicies = Readonly<Record<DriftKind, DriftPolicy>>;

/** A field of the agent's configuration whose recorded value differs. Fields not recorded are not compared. */
export interface ConfigChange {
  readonly field: string;
  readonly saved: unknown;
  readonly now: unknown;
}

/** breaking: a recorded call might fail now. compatible: it would still pass. text: only words changed. */
export type DriftEffect = 'breaking' | 'compatible' | 'text';

/**
 * One difference inside a tool's input schema. `parameter` is a dotted path: `options.limit`, `edits[].old` inside
 * an array's items, `options.*` for every property that the schema does not name.
 */
export interface ParameterChange {
  readonly parameter: string;
  readonly effect: DriftEffect;
  readonly change: 'added' | 'removed' | 'type' | 'required' | 'optional' | 'other';
  /** Of `other`: the keyword that differs, such as `minLength`, where it is one; any text. Absent where it is the allowed values. */
  readonly keyword?: string;
  readonly saved?: unknown;
  readonly now?: unknown;
}

export type ToolChange =
  | {
      readonly tool: string;
      readonly change: 'added';
      /** Of the tool as it is now; absent where only its name is known, or it is too big to be hashed. */
      readonly hash?: string;
    }
  | { readonly tool: string; readonly change: 'removed'; readonly usedBy: readonly string[] }
  | {
      readonly tool: string;
      readonly change: 'changed';
      /** The worst of its parameters'. */
      readonly effect: DriftEffect;
      readonly parameters: readonly ParameterChange[];
      /** The schemas are too big or too deep to be compared: whether they differ is not known. */
      readonly tooBig?: true;
      /** Of the tool as it is now; absent where it is too big to be hashed. */
      readonly hash?: string;
      /** Ids of messages that call the tool. */
      readonly usedBy: readonly string[];
    };

export interface WorkspaceChange {
  readonly field: 'folder' | 'head' | 'branch' | 'remote';
  readonly saved: string;
  readonly now: string | undefined;
}

/** What differs between a saved session and now, as data. A part that was not recorded, or can't be known now, is listed in `notCompared`. */
export interface DriftReport {
  readonly config: readonly ConfigChange[];
  readonly tools: readonly ToolChange[];
  readonly workspace: readonly WorkspaceChange[];
  /** Every file of the read-cache, fresh ones included. */
  readonly files: readonly FileFreshness[];
  readonly notCompared: readonly DriftKind[];
}
