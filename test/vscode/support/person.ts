import * as vscode from 'vscode';

/** Stands in for the person at the window: answers what the extension asks, and remembers what it says. */

type Stubbed =
  | 'showInputBox'
  | 'showQuickPick'
  | 'showInformationMessage'
  | 'showWarningMessage'
  | 'showErrorMessage'
  | 'showOpenDialog'
  | 'showSaveDialog'
  | 'setStatusBarMessage';

export interface Notification {
  readonly text: string;
  readonly actions: readonly string[];
}

export interface Validation {
  readonly message: string;
  readonly severity: vscode.InputBoxValidationSeverity;
}

export interface Person {
  /** Every notification, in order. */
  readonly notifications: Notification[];
  readonly statusMessages: string[];
  /** The input boxes: what they were filled with. */
  readonly inputs: { readonly value: string; readonly title: string }[];
  readonly picks: (readonly string[])[];
  /** What the quick picks asked: their title and placeholder. */
  readonly asked: { readonly title: string; readonly placeHolder: string }[];
  /** Types into the next input boxes; `undefined` leaves what is there, `null` is Escape. */
  types(...texts: readonly (string | null | undefined)[]): void;
  /** Picks in the next quick picks, by a row's label; without one, Escape. */
  chooses(...labels: readonly string[]): void;
  /** Clicks this action of the next notification whose text matches. */
  clicks(text: RegExp, action: string): void;
  opens(...uris: readonly vscode.Uri[]): void;
  savesTo(uri: vscode.Uri): void;
  /** What the last input box said of a text. */
  judge(text: string): Promise<string | undefined>;
  restore(): void;
}

export function sitDown(): Person {
  const window = vscode.window as unknown as Record<Stubbed, unknown>;
  const names: readonly Stubbed[] = [
    'showInputBox',
    'showQuickPick',
    'showInformationMessage',
    'showWarningMessage',
    'showErrorMessage',
    'showOpenDialog',
    'showSaveDialog',
    'setStatusBarMessage',
  ];
  const real = new Map(names.map((name) => [name, window[name]]));
  const texts: (string | null | undefined)[] = [];
  const labels: string[] = [];
  const clicks: { readonly text: RegExp; readonly action: string }[] = [];
  let uris: readonly vscode.Uri[] | undefined;
  let target: vscode.Uri | undefined;
  let validate: vscode.InputBoxOptions['validateInput'];
  const person: Person = {
    notifications: [],
    statusMessages: [],
    inputs: [],
    picks: [],
    asked: [],
    types: (...more) => void texts.push(...more),
    chooses: (...more) => void labels.push(...more),
    clicks: (text, action) => void clicks.push({ text, action }),
    opens(...more) {
      uris = more;
    },
    savesTo(uri) {
      target = uri;
    },
    async judge(text) {
      const said = await validate?.(text);
      return typeof said === 'string' ? said : (said?.message ?? undefined);
    },
    restore() {
      for (const [name, value] of real) window[name] = value;
    },
  };
  const notify = async (text: string, ...rest: readonly unknown[]): Promise<string | undefined> => {
    const actions = rest.filter((one) => typeof one === 'string');
    person.notifications.push({ text, actions });
    const found = clicks.findIndex((click) => click.text.test(text) && actions.includes(click.action));
    return found < 0 ? undefined : clicks.splice(found, 1)[0]?.action;
  };
  window.showInformationMessage = notify;
  window.showWarningMessage = notify;
  window.showErrorMessage = notify;
  window.setStatusBarMessage = (text: string) => {
    person.statusMessages.push(text);
    return new vscode.Disposable(() => undefined);
  };
  window.showInputBox = async (options: vscode.InputBoxOptions = {}) => {
    person.inputs.push({ value: options.value ?? '', title: options.title ?? '' });
    validate = options.validateInput;
    const text = texts.shift();
    if (text === null) return undefined;
    const typed = text ?? options.value ?? '';
    const said = await options.validateInput?.(typed);
    const refused = typeof said === 'string' || said?.severity === vscode.InputBoxValidationSeverity.Error;
    return refused ? undefined : typed;
  };
  window.showQuickPick = async (items: readonly vscode.QuickPickItem[], options?: vscode.QuickPickOptions) => {
    const rows = await items;
    person.picks.push(rows.map(({ label }) => label));
    person.asked.push({ title: options?.title ?? '', placeHolder: options?.placeHolder ?? '' });
    const label = labels.shift();
    const row = rows.find((one) => one.label === label);
    return options?.canPickMany && row ? [row] : row;
  };
  window.showOpenDialog = async () => uris;
  window.showSaveDialog = async () => target;
  return person;
}
