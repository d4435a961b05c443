import { CancellationError, l10n, ProgressLocation, window } from 'vscode';
import { withoutLinks } from './say.ts';
import { bytes } from './words.ts';

/** Shorter work is over before a person would look for its progress, ms. */
const QUIET_MS = 500;

export interface LongWork {
  readonly signal: AbortSignal;
  /** `share` of 0 to 1. */
  tell(share: number, text: string): void;
}

/**
 * Does something that may take long: after half a second a notification shows how far it is, with Cancel where the work
 * heeds the signal.
 */
export async function longWork<T>(
  title: string,
  work: (progress: LongWork) => Promise<T>,
  { cancellable = true }: { readonly cancellable?: boolean } = {},
): Promise<T> {
  const stop = new AbortController();
  let told = 0;
  let last: { readonly percent: number; readonly text: string } = { percent: 0, text: '' };
  let show: ((percent: number, text: string) => void) | undefined;
  const working = work({
    signal: stop.signal,
    tell(share, text) {
      last = { percent: Math.floor(Math.min(1, share) * 100), text };
      show?.(last.percent, last.text);
    },
  });
  const timer = setTimeout(() => {
    void window.withProgress(
      { location: ProgressLocation.Notification, title: withoutLinks(title), cancellable },
      async (progress, token) => {
        token.onCancellationRequested(() => stop.abort(new CancellationError()));
        show = (percent, text) => {
          if (percent > told || text !== '')
            progress.report({ increment: Math.max(0, percent - told), message: withoutLinks(text) });
          told = Math.max(told, percent);
        };
        show(last.percent, last.text);
        // Who asked for the work hears of its failure.
        await working.then(
          () => undefined,
          () => undefined,
        );
      },
    );
  }, QUIET_MS);
  try {
    return await working;
  } finally {
    clearTimeout(timer);
  }
}

/** `42 % of 12.0 MB` */
export function bytesText(done: number, of: number): string {
  return l10n.t('{0} % of {1}', Math.floor((done / Math.max(1, of)) * 100), bytes(of));
}
