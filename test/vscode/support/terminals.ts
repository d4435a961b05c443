import * as vscode from 'vscode';

export interface FakeTerminal {
  readonly options: vscode.TerminalOptions;
  readonly lines: string[];
}

/** Stands in for the terminals that the extension opens: nothing is started. */
export function watchTerminals(): { readonly opened: readonly FakeTerminal[]; restore(): void } {
  const window = vscode.window as unknown as { createTerminal: unknown };
  const real = window.createTerminal;
  const opened: FakeTerminal[] = [];
  window.createTerminal = (options: vscode.TerminalOptions) => {
    const lines: string[] = [];
    opened.push({ options, lines });
    return { show: () => undefined, sendText: (line: string) => lines.push(line), dispose: () => undefined };
  };
  return {
    opened,
    restore() {
      window.createTerminal = real;
    },
  };
}
