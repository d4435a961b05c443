/** A file that a shell command reads. */
export interface ShellRead {
  readonly path: string;
  /** `cat`, `nl` and `bat` show the whole file. */
  readonly full: boolean;
  /** `cd` before the command, in order. */
  readonly folders: readonly string[];
  /** The command does nothing else, so that its output is the file's text from line 1 to `lines` (absent: to the end). */
  readonly alone?: { readonly lines?: number };
}

const WHOLE = new Set(['cat', 'nl', 'bat', 'batcat', 'less', 'more']);

/** The files that a script reads by cat, nl, bat, less, head, tail or sed -n, without redirection (FORMATS 2.5). */
export function shellReads(script: string): readonly ShellRead[] {
  const commands = splitCommands(script);
  const folders: string[] = [];
  const reads: ShellRead[] = [];
  for (const command of commands) {
    const [name, ...args] = command.words;
    if (name === 'cd' && args.length === 1) folders.push(args[0] as string);
    if (name === undefined || command.redirects || command.fed) continue;
    for (const read of readsOf(name.split('/').at(-1) as string, args)) {
      const alone = commands.length === 1 && read.exact ? { alone: optionalLines(read.lines) } : {};
      reads.push({ path: read.path, full: read.full && !command.feeds, folders: [...folders], ...alone });
    }
  }
  return reads;
}

function optionalLines(lines: number | undefined): { readonly lines?: number } {
  return lines === undefined ? {} : { lines };
}

interface FoundRead {
  readonly path: string;
  readonly full: boolean;
  /** The output begins at the file's first line and is its text. */
  readonly exact: boolean;
  readonly lines?: number;
}

function readsOf(name: string, args: readonly string[]): readonly FoundRead[] {
  const operands = args.filter((arg) => !arg.startsWith('-'));
  if (WHOLE.has(name)) {
    const plain = name === 'cat' && args.length === 1;
    return operands.map((path) => ({ path, full: name !== 'less' && name !== 'more', exact: plain }));
  }
  if (name === 'sed' && args[0] === '-n' && operands.length >= 2) {
    const range = /^(\d+),(\d+)p$/.exec(operands[0] as string);
    const exact = range !== null && range[1] === '1' && operands.length === 2;
    return operands
      .slice(1)
      .map((path) => ({ path, full: false, exact, ...optionalLines(exact ? Number(range[2]) : undefined) }));
  }
  if (name === 'head' || name === 'tail') {
    const option = args.findIndex((arg) => arg === '-n' || arg === '-c');
    const files = args.filter((arg, index) => !arg.startsWith('-') && (option === -1 || index !== option + 1));
    const amount = /^-(\d+)$/.exec(args[0] ?? '')?.[1] ?? (args[option] === '-n' ? args[option + 1] : undefined);
    const exact = name === 'head' && files.length === 1 && amount !== undefined && /^\d+$/.test(amount);
    return files.map((path) => ({ path, full: false, exact, ...optionalLines(exact ? Number(amount) : undefined) }));
  }
  return [];
}

/** The patch text of `apply_patch <<'EOF'` in a script (models also write `applypatch`); undefined where there is none. */
export function heredocPatch(script: string): string | undefined {
  if (!/\bapply_?patch\b/.test(script)) return undefined;
  const begin = script.indexOf('*** Begin Patch');
  return begin === -1 ? undefined : script.slice(begin);
}

export interface SimpleCommand {
  readonly words: string[];
  redirects: boolean;
  /** It stands behind a pipe, or its output goes into one. */
  fed: boolean;
  feeds: boolean;
}

/** Splits at `;`, newline, `&`, `&&`, `||` and `|`; quotes and backslashes as in sh, expansions left as they stand. */
export function splitCommands(script: string): readonly SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let current: SimpleCommand = { words: [], redirects: false, fed: false, feeds: false };
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) current.words.push(word);
    word = undefined;
  };
  const endCommand = (pipe: boolean): void => {
    endWord();
    current.feeds = pipe;
    if (current.words.length > 0) commands.push(current);
    current = { words: [], redirects: false, fed: pipe, feeds: false };
  };
  for (let at = 0; at < script.length; at += 1) {
    const char = script[at] as string;
    if (char === "'" || char === '"') {
      let end = at + 1;
      let quoted = '';
      while (end < script.length && script[end] !== char) {
        if (char === '"' && script[end] === '\\') end += 1;
        quoted += script[end] ?? '';
        end += 1;
      }
      word = (word ?? '') + quoted;
      at = end;
    } else if (char === '\\') {
      at += 1;
      if (script[at] !== '\n') word = (word ?? '') + (script[at] ?? '');
    } else if (char === ' ' || char === '\t') endWord();
    else if (char === '>' || char === '<') {
      // `2>/dev/null` and `2>&1` change nothing about what is read.
      const harmless = /^>(?:&\d|\s*\/dev\/null)/.exec(script.slice(at));
      if (harmless !== null) {
        if (word !== undefined && /^\d$/.test(word)) word = undefined;
        at += harmless[0].length - 1;
      } else {
        endWord();
        current.redirects = true;
        // The text of a here-document is no command.
        if (script.startsWith('<<', at)) break;
      }
    } else if (char === '\n' || char === ';' || char === '&' || char === '|') {
      const double = script[at + 1] === char && char !== '\n';
      if (double) at += 1;
      endCommand(char === '|' && !double);
    } else word = (word ?? '') + char;
  }
  endCommand(false);
  return commands;
}
