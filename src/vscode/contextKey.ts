import { commands } from 'vscode';
import type { ContextKeyName } from './ids.ts';

/** A `when` clause's variable; setting the value it has already does nothing. */
export interface ContextKey {
  set(value: boolean): void;
}

export function contextKey(name: ContextKeyName): ContextKey {
  let current: boolean | undefined;
  return {
    set(value) {
      if (value === current) return;
      current = value;
      void commands.executeCommand('setContext', name, value);
    },
  };
}
