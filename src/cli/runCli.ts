import { CommanderError } from 'commander';
import type { LeaseHolder } from '../core/index.ts';
import { type Context, type GlobalOptions, openContext } from './context.ts';
import { type Ending, exitCode, type Failed, failed, systemFailed } from './ending.ts';
import type { CliIo } from './io.ts';
import { jsonText } from './plain.ts';
import { program } from './program.ts';
import { say } from './words.ts';

/**
 * Runs one command line (without the program's own name) and returns its exit code: 0 done, 1 error, 2 usage,
 * 3 conflict or drift. Never throws, never exits, never prints a stack.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<0 | 1 | 2 | 3> {
  const json = wantsJson(argv);
  let ending: Ending;
  try {
    ending = await parseAndRun(argv, io, json);
  } catch (error) {
    ending = thrown(error, 'a file of the session');
  }
  try {
    await print(io, json, ending);
    return exitCode(ending);
  } catch (error) {
    // The output is full or broken, so there is no document any more; whoever looks at stderr is told.
    await print(io, false, thrown(error, 'the output'));
    return 1;
  }
}

/** What no verb expected: the system's refusal, or a defect of ours. `what` was written where the system names no path. */
function thrown(error: unknown, what: string): Failed {
  if (!(error instanceof Error)) return failed('internal', String(error));
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return failed('internal', message);
  return systemFailed({ code, path: path ?? what, message });
}

async function parseAndRun(argv: readonly string[], io: CliIo, json: boolean): Promise<Ending> {
  let ending: Ending = { kind: 'written' };
  let printed = '';
  const run = async (globals: GlobalOptions, verb: (context: Context) => Promise<Ending>): Promise<void> => {
    const context = await openContext(io, { ...globals, json });
    if ('kind' in context) {
      ending = context;
      return;
    }
    try {
      ending = await verb(context);
    } finally {
      await context.store.close();
    }
  };
  const commands = program(run, (text) => {
    printed += text;
  });
  try {
    await commands.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were asked for.
    if (error.exitCode === 0) return { kind: 'done', json: { text: printed }, text: printed.trimEnd() };
    return usage(error.message === '(outputHelp)' ? 'Give a verb.' : error.message);
  }
  return ending;
}

/** Commander's message, cleaned: `error: unknown command 'lst'\n(Did you mean list?)`. */
function usage(message: string): Failed {
  const [first = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const hint = rest.join(' ').replace(/^\(|\)$/g, '');
  return failed('usage', first, hint === '' ? undefined : hint);
}

/** Known before the command line is parsed, so that its own mistakes are told as JSON too. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

function holderJson(holder: LeaseHolder | undefined): { readonly holder?: Omit<LeaseHolder, 'id'> } {
  if (holder === undefined) return {};
  const { program, host, pid, since } = holder;
  return { holder: { program, host, pid, since } };
}

async function print(io: CliIo, json: boolean, ending: Ending): Promise<void> {
  switch (ending.kind) {
    case 'written':
      return;
    case 'done':
    case 'differs':
      if (json) await io.out(`${jsonText(ending.json)}\n`);
      else if (ending.text !== '') await io.out(`${ending.text}\n`);
      return;
    case 'failed': {
      const { message, hint } = say(ending);
      const { code, holder } = ending;
      if (json) await io.out(`${jsonText({ error: { code, message, hint, ...holderJson(holder) } })}\n`);
      else await io.err(`holdfast: ${message}\n${hint}\n`);
      return;
    }
  }
}
