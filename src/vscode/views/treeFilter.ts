import { type Disposable, type Event, EventEmitter } from 'vscode';
import { contextKey } from '../contextKey.ts';
import { contextKeys } from '../ids.ts';
import { type Filter, parseFilter } from './filter.ts';

/** What the Sessions view is narrowed to. */
export interface TreeFilter extends Disposable {
  /** As it was typed; empty: nothing is filtered. */
  readonly text: string;
  readonly filter: Filter | undefined;
  set(text: string): void;
  readonly onDidChange: Event<void>;
}

export function createTreeFilter(): TreeFilter {
  const changed = new EventEmitter<void>();
  const key = contextKey(contextKeys.filtered);
  let text = '';
  let filter: Filter | undefined;
  return {
    get text() {
      return text;
    },
    get filter() {
      return filter;
    },
    set(typed) {
      filter = parseFilter(typed);
      const next = filter ? typed.trim() : '';
      if (next === text) return;
      text = next;
      key.set(filter !== undefined);
      changed.fire();
    },
    onDidChange: changed.event,
    dispose: () => changed.dispose(),
  };
}
