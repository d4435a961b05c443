import { CancellationError, InputBoxValidationSeverity, l10n, window } from 'vscode';
import { nameProblem, type SessionEntry } from '../../core/index.ts';
import { nameProblemText } from '../failureWords.ts';
import type { Place } from '../places.ts';

/**
 * Asks for a session's name, checked as it is typed. `becomes` tells which existing session may be saved over, as a
 * new revision; any other existing name is refused.
 */
export async function askName(
  place: Place,
  options: {
    readonly title: string;
    readonly value: string;
    readonly becomes?: (entry: SessionEntry) => boolean;
    /** This name may stay as it is. */
    readonly own?: string;
  },
): Promise<string> {
  const entries = await place.store.list();
  const taken = new Map(entries.map((entry) => [sameName(entry.name), entry]));
  const name = await window.showInputBox({
    title: options.title,
    value: options.value,
    prompt: l10n.t('The session’s name, and its file’s'),
    ignoreFocusOut: true,
    validateInput: (typed) => {
      const problem = nameProblem(typed);
      if (problem) return nameProblemText(problem);
      const entry = taken.get(sameName(typed));
      if (!entry || (options.own !== undefined && sameName(options.own) === sameName(typed))) return undefined;
      if (options.becomes?.(entry) && !entry.readOnly && entry.name === typed)
        return {
          message: l10n.t(
            'A session with this name exists: it will become revision {0}.',
            (entry.head?.revision ?? 0) + 1,
          ),
          severity: InputBoxValidationSeverity.Info,
        };
      return l10n.t('Another session has this name.');
    },
  });
  if (name === undefined) throw new CancellationError();
  return name;
}

/** Two names that are one file on some disks. */
function sameName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
