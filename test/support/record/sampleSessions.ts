import type { Step, ToolCall } from './playModel.ts';
import {
  CART_TEST,
  LOGIN,
  LOGIN_STATE,
  LOGIN_TEST,
  LOGIN_WITH_LIMIT,
  NOTICE,
  TOTAL,
  TOTAL_WITH_DISCOUNT,
} from './sampleTexts.ts';

/** What a person types, an image beside it where there is one. */
export type Prompt = string | { readonly text: string; readonly png: string };

export interface Turn {
  /** Only the last is answered: the person goes on before the agent has begun. */
  readonly prompts: readonly Prompt[];
  readonly steps: readonly Step[];
}

export interface SampleSession {
  readonly agent: 'claude' | 'codex';
  /** Under which it is kept. */
  readonly id: string;
  /** As the person calls it; only Claude Code takes one. */
  readonly title?: string;
  readonly turns: readonly Turn[];
}

/** The sessions of the sample workspace, in the order in which they happened. `folder` is the workspace. */
export function sampleSessions(folder: string): readonly SampleSession[] {
  const inFolder = (file: string): string => `${folder}/${file}`;
  const read = (file: string): ToolCall => ({ tool: 'Read', args: { file_path: inFolder(file) } });
  const edit = (file: string, old_string: string, new_string: string): ToolCall => ({
    tool: 'Edit',
    args: { file_path: inFolder(file), old_string, new_string },
  });
  const write = (file: string, content: string): ToolCall => ({
    tool: 'Write',
    args: { file_path: inFolder(file), content },
  });
  const npmTest: ToolCall = { tool: 'Bash', args: { command: 'npm test', description: 'Run the tests' } };
  return [prices(), cart(read, edit, write, npmTest), login(read, edit, write, npmTest), pricesPage()];
}

type On<Args extends readonly string[]> = (...args: Args) => ToolCall;
type Read = On<[file: string]>;
type Edit = On<[file: string, before: string, after: string]>;
type Write = On<[file: string, content: string]>;

const shell = (cmd: string): ToolCall => ({ tool: 'exec_command', args: { cmd } });
const patch = (...lines: readonly string[]): ToolCall => ({
  tool: 'apply_patch',
  input: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n'),
});

function prices(): SampleSession {
  return {
    agent: 'codex',
    id: '01a1f8d2-4c3b-7a10-8e55-9b7f2c6d1a04',
    turns: [
      {
        prompts: ['How are prices parsed? I saw 4.5 somewhere and want to be sure that it is 450 cents.'],
        steps: [
          { calls: [shell('cat src/price.js')] },
          {
            text: '`fromText` pads the part after the point to two digits, so `4.5` becomes 450 cents. A third digit would be added as it is: `1.005` gives 105, which is a defect worth a check.',
          },
        ],
      },
    ],
  };
}

function cart(read: Read, edit: Edit, write: Write, npmTest: ToolCall): SampleSession {
  return {
    agent: 'claude',
    id: '5f0c3a52-7d1e-4b8e-9a63-2f1d6c0b7e41',
    title: 'Add a discount to the cart',
    turns: [
      {
        prompts: [
          'The cart needs a discount in percent, taken off the whole sum.',
          'Prices are in cents: please keep the rounding honest.',
        ],
        steps: [
          { text: 'I will read the cart and the price helpers first.', calls: [read('src/cart.js')] },
          { calls: [read('src/price.js')] },
          {
            text: 'Sums are exact in cents, so one rounding at the end is enough. I add `discount(percent)` and apply it in `total()`.',
            calls: [
              edit('src/cart.js', '  const lines = [];\n', '  const lines = [];\n  let percentOff = 0;\n'),
              edit('src/cart.js', TOTAL, TOTAL_WITH_DISCOUNT),
            ],
          },
          { calls: [write('test/cart.test.js', CART_TEST)] },
          { calls: [npmTest] },
          { text: 'Done: `cart.discount(10)` takes 10 % off the sum, rounded once to a cent, and a test covers it.' },
        ],
      },
      {
        prompts: ['Good. What happens with a discount above 100?'],
        steps: [
          {
            text: '`discount()` throws a RangeError: a total below zero would be a bug of the caller, not a gift.',
          },
        ],
      },
    ],
  };
}

function login(read: Read, edit: Edit, write: Write, npmTest: ToolCall): SampleSession {
  return {
    agent: 'claude',
    id: '8c1d7e60-3b52-4f0a-9d7e-64a1b9c2e815',
    title: 'Login limit',
    turns: [
      {
        prompts: [
          'Logins can be tried without limit. Allow five failed tries in a quarter of an hour, then make them wait.',
        ],
        steps: [
          {
            thinking: 'I need the login code and the rules of the project before I change anything.',
            text: 'I will read the login code and the rules of the project.',
            calls: [read('src/auth.js'), read('README.md')],
          },
          {
            text: 'Time comes in as an argument here, so `login` gets `now`. First the state, then the check.',
            calls: [edit('src/auth.js', 'const users = new Map();\n', LOGIN_STATE)],
          },
          { calls: [edit('src/auth.js', LOGIN, LOGIN_WITH_LIMIT)] },
          { calls: [write('test/auth.test.js', LOGIN_TEST)] },
          { calls: [npmTest] },
          {
            text: "Done. `login(name, password, now)` answers `{ kind: 'wait', ms }` after five failed tries within 15 minutes; a right password clears the count. Both tests pass.",
          },
        ],
      },
      {
        prompts: [{ text: 'This is the notice on the login page. Will it still fit?', png: NOTICE }],
        steps: [
          {
            text: 'It fits: the notice has one line for the reason. It would read better in minutes than in milliseconds.',
          },
        ],
      },
      {
        prompts: ['Then let login tell the minutes.'],
        steps: [
          {
            calls: [
              edit(
                'src/auth.js',
                "return { kind: 'wait', ms: tries[0] + WINDOW_MS - now };",
                "return { kind: 'wait', minutes: Math.ceil((tries[0] + WINDOW_MS - now) / 60_000) };",
              ),
            ],
          },
          { text: '`wait` now carries whole `minutes`, rounded up.' },
        ],
      },
    ],
  };
}

function pricesPage(): SampleSession {
  return {
    agent: 'codex',
    id: '01a1fd8f-570d-7233-997c-447552f4bebf',
    turns: [
      {
        prompts: ['How are prices kept and printed? Write it down in docs/prices.md.'],
        steps: [
          {
            thinking: '**Looking at the price helpers**',
            text: 'I will look at the price helpers and at the cart.',
            calls: [shell('cat src/price.js'), shell("sed -n '1,200p' src/cart.js")],
          },
          {
            calls: [
              patch(
                '*** Add File: docs/prices.md',
                '+# Prices',
                '+',
                '+Prices are kept in whole cents, so that sums are exact.',
                '+`fromText` reads them, `toText` prints them with two digits.',
              ),
            ],
          },
          {
            text: 'Prices are whole cents; `toText` in src/price.js prints them. It is written down in docs/prices.md.',
          },
        ],
      },
      {
        prompts: ['Which test covers that? Add its name to the page.'],
        steps: [
          { calls: [shell('cat test/cart.test.js')] },
          {
            calls: [
              patch(
                '*** Update File: docs/prices.md',
                '@@',
                ' Prices are kept in whole cents, so that sums are exact.',
                ' `fromText` reads them, `toText` prints them with two digits.',
                '+',
                '+Covered by `test/cart.test.js`: a discount is taken off the whole sum.',
              ),
            ],
          },
          { text: '`test/cart.test.js` covers the sum with a discount; its name is on the page now.' },
        ],
      },
    ],
  };
}
