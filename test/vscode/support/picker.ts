import * as vscode from 'vscode';
import { until } from './world.ts';

/** Stands in for quick picks and input boxes that a command keeps open: a test types, checks and accepts in them. */
export interface Picker {
  /** What is open now, or was last. */
  readonly shown: FakePick;
  types(text: string): void;
  /** Checks (or selects) rows by their labels and accepts. */
  accepts(...labels: readonly string[]): void;
  hides(): void;
  /** Resolves with the labels once `look` takes them. */
  labels(look: (labels: readonly string[]) => boolean): Promise<readonly string[]>;
  restore(): void;
}

interface FakePick {
  title: string;
  busy: boolean;
  activeItems: readonly vscode.QuickPickItem[];
  value: string;
  readonly items: readonly vscode.QuickPickItem[];
  readonly selectedItems: readonly vscode.QuickPickItem[];
}

export function watchPickers(): Picker {
  const window = vscode.window as unknown as { createQuickPick: unknown; createInputBox: unknown };
  // A test that waits for the next one does not mean the one before.
  let isOpen = false;
  const real = { createQuickPick: window.createQuickPick, createInputBox: window.createInputBox };
  let last: ReturnType<typeof fake> | undefined;
  const make = () => {
    last = fake(() => {
      isOpen = false;
    });
    isOpen = true;
    return last.pick;
  };
  window.createQuickPick = make;
  window.createInputBox = make;
  const open = (): ReturnType<typeof fake> => {
    if (!last) throw new Error('nothing is open');
    return last;
  };
  return {
    get shown() {
      return open().pick;
    },
    types(text) {
      open().pick.value = text;
      open().fire('value', text);
    },
    accepts(...labels) {
      const { pick, fire } = open();
      if (labels.length > 0) {
        pick.selectedItems = pick.items.filter(({ label }) => labels.includes(label));
        fire('selection', pick.selectedItems);
      }
      fire('accept', undefined);
    },
    hides: () => open().fire('hide', undefined),
    async labels(look) {
      const of = (): string[] => open().pick.items.map(({ label }) => label);
      try {
        await until(() => isOpen && look(of()), 'the rows of a quick pick');
      } catch (error) {
        throw new Error(`${String(error)}: ${JSON.stringify(last && { title: last.pick.title, labels: of() })}`);
      }
      return of();
    },
    restore: () => Object.assign(window, real),
  };
}

type Event = 'value' | 'accept' | 'hide' | 'selection' | 'button' | 'itemButton';

function fake(onHide: () => void) {
  const listeners: [Event, (value: unknown) => unknown][] = [];
  const fire = (event: Event, value: unknown): void => {
    if (event === 'hide') onHide();
    for (const [name, listen] of listeners) if (name === event) void listen(value);
  };
  const on = (event: Event) => (listen: (value: unknown) => unknown) => {
    listeners.push([event, listen]);
    return new vscode.Disposable(() => undefined);
  };
  const pick = {
    title: '',
    value: '',
    placeholder: '',
    prompt: '',
    busy: false,
    canSelectMany: false,
    ignoreFocusOut: false,
    matchOnDescription: false,
    matchOnDetail: false,
    buttons: [] as readonly vscode.QuickInputButton[],
    items: [] as readonly vscode.QuickPickItem[],
    selectedItems: [] as readonly vscode.QuickPickItem[],
    activeItems: [] as readonly vscode.QuickPickItem[],
    keepScrollPosition: false,
    onDidChangeValue: on('value'),
    onDidAccept: on('accept'),
    onDidHide: on('hide'),
    onDidChangeSelection: on('selection'),
    onDidTriggerButton: on('button'),
    onDidTriggerItemButton: on('itemButton'),
    show: () => undefined,
    hide: () => fire('hide', undefined),
    dispose: () => undefined,
  };
  return { pick, fire };
}
