import { FileDecoration, type FileDecorationProvider, l10n, ThemeColor, type Uri } from 'vscode';
import { schemes } from '../ids.ts';
import { fileCount } from '../words.ts';

/** The drift badge of a saved session: how many of its files changed. Everything it shows is in the row's URI. */
export const itemDecorations: FileDecorationProvider = {
  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    if (uri.scheme !== schemes.item) return undefined;
    const { stale } = JSON.parse(uri.query) as { readonly stale: number };
    if (stale === 0) return undefined;
    return new FileDecoration(
      stale > 99 ? '99' : String(stale),
      l10n.t('{0} changed since it was saved', fileCount(stale)),
      new ThemeColor('list.warningForeground'),
    );
  },
};
