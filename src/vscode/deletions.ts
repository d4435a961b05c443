import { contextKey } from './contextKey.ts';
import { contextKeys } from './ids.ts';
import type { Place } from './places.ts';

export interface Deletion {
  readonly place: Place;
  /** Of the trash entry. */
  readonly id: string;
  readonly name: string;
}

/** What was deleted in this window, one group per act, so that one undo brings back one act. */
export interface Deletions {
  push(act: readonly Deletion[]): void;
  /** The last act; it is forgotten here. */
  pop(): readonly Deletion[] | undefined;
  /** Something was brought back by another way. */
  remove(id: string): void;
}

export function createDeletions(): Deletions {
  let acts: (readonly Deletion[])[] = [];
  const key = contextKey(contextKeys.canUndoDelete);
  const update = (): void => key.set(acts.length > 0);
  return {
    push(act) {
      if (act.length > 0) acts.push(act);
      update();
    },
    pop() {
      const act = acts.pop();
      update();
      return act;
    },
    remove(id) {
      acts = acts.map((act) => act.filter((one) => one.id !== id)).filter((act) => act.length > 0);
      update();
    },
  };
}
