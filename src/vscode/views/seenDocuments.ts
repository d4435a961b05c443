import { type Disposable, type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import { schemes } from '../ids.ts';

/** Read-only texts that lie in no file: what a session saw, what an edit proposed. Kept while their document is open. */
export interface SeenDocuments extends Disposable {
  /** `path` gives the document its name and language. */
  add(path: string, text: string): Uri;
}

/** A diff that nobody opens must not keep its text for ever. */
const MOST = 20;

export function createSeenDocuments(): SeenDocuments {
  const texts = new Map<string, string>();
  let count = 0;
  const provider: TextDocumentContentProvider = {
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
  };
  const listening = [
    workspace.registerTextDocumentContentProvider(schemes.seen, provider),
    workspace.onDidCloseTextDocument((document) => {
      if (document.uri.scheme === schemes.seen) texts.delete(document.uri.toString());
    }),
  ];
  return {
    add(path, text) {
      count += 1;
      const uri = Uri.from({
        scheme: schemes.seen,
        path: path.startsWith('/') ? path : `/${path}`,
        query: String(count),
      });
      texts.set(uri.toString(), text);
      const [oldest] = texts.keys();
      if (texts.size > MOST && oldest !== undefined) texts.delete(oldest);
      return uri;
    },
    dispose() {
      for (const one of listening) one.dispose();
    },
  };
}
