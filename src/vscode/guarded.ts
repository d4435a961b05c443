import { CancellationError, type LogOutputChannel, l10n } from 'vscode';
import { HumanError } from './humanError.ts';
import { showError } from './say.ts';

/**
 * Runs what a person asked for. Words go to the person, the rest (stack included) to the log; cancelling is silent.
 * Whether it succeeded is the answer of the promise only by its value: undefined after a failure.
 */
export function guarded<A extends readonly unknown[], T>(
  log: LogOutputChannel,
  what: string,
  run: (...args: A) => Promise<T>,
): (...args: A) => Promise<T | undefined> {
  return async (...args) => {
    try {
      return await run(...args);
    } catch (error) {
      tell(log, what, error);
      return undefined;
    }
  };
}

/** Shows a failure once, with its ways out; never a stack trace. */
export function tell(log: LogOutputChannel, what: string, error: unknown): void {
  if (error instanceof CancellationError) return;
  const human = error instanceof HumanError;
  log.error(
    `${what}: ${human ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  const message = human
    ? error.message
    : l10n.t('This did not work, and nothing was changed by it: {0}', firstLine(error));
  const actions = human ? error.actions : [];
  const showLog = { label: l10n.t('Show Log'), run: () => log.show(true) };
  const all = [...actions, showLog];
  void showError(message, ...all.map((action) => action.label)).then(async (label) => {
    try {
      await all.find((action) => action.label === label)?.run();
    } catch (failure) {
      tell(log, what, failure);
    }
  });
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
