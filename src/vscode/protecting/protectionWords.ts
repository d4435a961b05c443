import { l10n } from 'vscode';
import type { ProtectionPlan, ProtectionScope, ProtectionState } from '../../agents/index.ts';

/** Edit protection in words. */

export function scopeText(scope: ProtectionScope): string {
  switch (scope) {
    case 'project':
      return l10n.t('This folder');
    case 'user':
      return l10n.t('My user, in every folder');
  }
}

export function stateText(state: ProtectionState): string {
  switch (state) {
    case 'installed':
      return l10n.t('Installed');
    case 'outdated':
      return l10n.t('Outdated');
    case 'untrusted':
      return l10n.t('Not trusted');
    case 'disabled':
      return l10n.t('Switched off');
    case 'absent':
      return l10n.t('Not installed');
    case 'unreadable':
      return l10n.t('Its settings cannot be read');
  }
}

/** What is behind a state that is not plain. */
export function stateDetail(state: ProtectionState): string | undefined {
  switch (state) {
    case 'installed':
    case 'absent':
      return undefined;
    case 'outdated':
      return l10n.t('Hooks of an older version are there; they are replaced');
    case 'untrusted':
      return l10n.t('The hooks are there, but the agent does not run them before you trust them');
    case 'disabled':
      return l10n.t('The hooks are there, but the agent’s settings tell it to run none');
    case 'unreadable':
      return l10n.t('The file is left as it is');
  }
}

/** What the person still has to do: nothing does it behind their back. */
export function thenText(step: ProtectionPlan['afterwards'][number], label: string): string {
  switch (step) {
    case 'trust-hook':
      return l10n.t('Trust the hooks when {0} asks at its next start.', label);
    case 'trust-folder':
      return l10n.t('Trust this folder in {0}.', label);
    case 'restart':
      return l10n.t('Restart {0} sessions that are running.', label);
  }
}
