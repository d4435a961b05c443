import { Command, InvalidArgumentError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { Reduction } from '../agents/index.ts';
import type { DriftKind, DriftPolicy } from '../core/index.ts';
import type { Context, GlobalOptions } from './context.ts';
import type { Ending } from './ending.ts';
import { parseReduction } from './handOverText.ts';
import { archive, unarchive } from './verbs/archive.ts';
import { briefing } from './verbs/briefing.ts';
import { check } from './verbs/check.ts';
import { remove } from './verbs/delete.ts';
import { exportSession } from './verbs/export.ts';
import { fork } from './verbs/fork.ts';
import { hook } from './verbs/hook.ts';
import { importFile } from './verbs/import.ts';
import { list } from './verbs/list.ts';
import { pin, unpin } from './verbs/pin.ts';
import { type ProtectOptions, protect, protectionStatus } from './verbs/protect.ts';
import { read } from './verbs/read.ts';
import { readers } from './verbs/readers.ts';
import { recovered } from './verbs/recovered.ts';
import { rename } from './verbs/rename.ts';
import { restore } from './verbs/restore.ts';
import { resume } from './verbs/resume.ts';
import { save } from './verbs/save.ts';
import { show } from './verbs/show.ts';
import { tag } from './verbs/tag.ts';
import { unprotect } from './verbs/unprotect.ts';
import { write } from './verbs/write.ts';

type Run = (globals: GlobalOptions, verb: (context: Context) => Promise<Ending>) => Promise<void>;

const KINDS: readonly DriftKind[] = ['config', 'tools', 'workspace', 'files'];
const POLICIES: readonly DriftPolicy[] = ['ignore', 'warn', 'ask', 'block'];

/** The command line's grammar: a table of contents of the verbs. `print` gets help and version. */
export function program(run: Run, print: (text: string) => void): Command {
  const root = new Command('holdfast')
    .description('Save, resume and fork AI-agent sessions of a folder.')
    // No `-V`: behind `tag` it is a tag that is taken away.
    .version(manifest.version, '--version')
    .option('--json', 'print one JSON document on stdout, also for errors')
    .option('--folder <path>', 'the workspace folder (default: the current one)')
    .option('--home <path>', "where the agents keep their transcripts (default: the user's home)")
    .option('--sessions-folder <name>', 'name of the folder of the sessions', '.sessions')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {} });
  const act =
    <A extends readonly unknown[]>(verb: (context: Context, ...args: A) => Promise<Ending>) =>
    (...args: [...A, Command]): Promise<void> =>
      run(root.opts(), (context) => verb(context, ...(args.slice(0, -1) as unknown as A)));

  root
    .command('list')
    .description('saved sessions, newest first')
    .option('--live', "the agents' own sessions of this folder too")
    .action(act(list));
  root
    .command('show <name>')
    .description('a session, folded with its journal, as Markdown')
    .option('--messages <from:to>', 'only these messages, counted from 1, both included', messageRange)
    .action(act(show));
  root
    .command('save <agent:id>')
    .description('save a live session; saved before, it gets its next revision. The first digits of the id will do')
    .option('--name <name>')
    .option('--if-saved', 'only where it was saved before and nobody drives it')
    .action(act(save));
  root
    .command('import <file>')
    .description('save a transcript, a snapshot, an export or a HelloAgents session')
    .option('--name <name>')
    .action(act(importFile));
  root
    .command('check <name>')
    .description('what has changed since the session was saved; exit code 3 when anything differs')
    .option('--policy <kind=value>', `${KINDS.join('|')} = ${POLICIES.join('|')}, repeatable`, policy)
    .option('--config <file>', 'JSON: the configuration that your agent runs with now')
    .option('--tools <file>', "JSON: the tools that your agent offers now, or MCP's tools/list result")
    .action(act(check));
  root
    .command('briefing <name>')
    .description('what the agent of a session should know of what has changed since it was saved')
    .option('--max-characters <count>', 'its longest (default: 8000)', characters)
    .option('--config <file>', 'JSON: the configuration that your agent runs with now')
    .option('--tools <file>', "JSON: the tools that your agent offers now, or MCP's tools/list result")
    .action(act(briefing));
  root
    .command('fork <name>')
    .description('a new session that shares the history')
    .option('--at <message>', 'up to and with this message: its number, counted from 1, or its id')
    .option('--name <name>', "the fork's name")
    .action(act(fork));
  root.command('rename <name> <new>').description('give a session another name').action(act(rename));
  root
    .command('tag <name> [tags...]')
    .description('show its tags, or change them: +tag adds one, -tag takes it away')
    // What begins with a dash is a tag here.
    .helpOption('--help')
    .allowUnknownOption()
    .action(act(tag));
  root
    .command('pin <name>')
    .description('first in lists; a message: kept whole when the session is handed over in a shorter form')
    .option('--message <message>', 'its number, counted from 1, or its id')
    .action(act(pin));
  root
    .command('unpin <name>')
    .description('take a pin away')
    .option('--message <message>', 'its number, counted from 1, or its id')
    .action(act(unpin));
  root.command('archive <name>').description('out of the way; nothing is lost').action(act(archive));
  root.command('unarchive <name>').description('back from the archive').action(act(unarchive));
  root.command('delete <name>').description('move a session to the trash').action(act(remove));
  root
    .command('restore [name]')
    .description('bring a deleted session back, by its name (the newest) or its id in the trash')
    .option('--list', 'show the trash')
    .action(act(restore));
  root
    .command('export <name>')
    .description('one self-contained file')
    .addOption(
      new Option('--format <format>').choices(['holdfast', 'helloagents', 'messages', 'markdown']).default('holdfast'),
    )
    .option('--output <file>', 'write here instead of stdout')
    .option('--force', 'overwrite the file')
    .action(act(exportSession));
  root
    .command('resume <name>')
    .description('start the agent on the session')
    .option('--print', 'only show the command')
    .option('--briefing', 'its first message says what has changed since the session was saved')
    .option('--restore-config', 'with the model, and for Codex the provider, that were saved')
    .option('--take-over', 'even while a window or another process drives the session')
    .option('--agent <id>', 'hand it over to another agent')
    .option(
      '--reduce <what>',
      'hand over less: outputs (no old tool outputs), turns=N (the first prompt and the last N turns), or both',
      reduction,
    )
    .action(act(resume));
  root.command('recovered').description('versions of files that were displaced and kept').action(act(recovered));
  root.command('read <name> <path>').description("read a file in the session's name").action(act(read));
  root
    .command('write <name> <path>')
    .description(
      "write stdin to a file in the session's name; exit code 3 when the session has not seen its latest change",
    )
    .option('--force', 'write all the same; what was there is kept beside the sessions')
    .addOption(
      new Option('--merge', 'take both where the file has changed since, but not in the same lines').conflicts('force'),
    )
    .action(act(write));
  root
    .command('readers <path>')
    .description('which sessions have read a file, at which message, and whether it has changed since')
    .action(act(readers));
  const scope = () => new Option('--scope <scope>', 'whose sessions').choices(['project', 'user']).default('project');
  root
    .command('protect [agent]')
    .description("deny an agent's edits of files that changed since it read them, by the agent's own hooks")
    .addOption(scope())
    .option('--dry-run', 'only show what would be changed')
    .option('--yes', 'do not ask')
    .option('--status', 'which agents are protected here')
    .action(
      act((context, agent: string | undefined, options: ProtectOptions & { readonly status?: boolean }) =>
        options.status === true ? protectionStatus(context) : protect(context, agent, options),
      ),
    );
  root
    .command('unprotect <agent>')
    .description('remove those hooks')
    .addOption(scope())
    .option('--dry-run', 'only show what would be changed')
    .option('--yes', 'do not ask')
    .action(act(unprotect));
  root
    .command('hook <agent> [event]')
    .description('what the hooks of an agent start: a payload on stdin, the answer on stdout')
    .action(act(hook));
  return root;
}

function characters(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('Give a number of characters.');
  return Number(text);
}

function reduction(text: string): Reduction {
  const parsed = parseReduction(text);
  if (parsed === undefined) throw new InvalidArgumentError('Give it as outputs, turns=N, or outputs,turns=N.');
  return parsed;
}

function messageRange(text: string): { readonly from: number; readonly to: number } {
  const match = /^(\d*):(\d*)$/.exec(text) ?? /^(\d+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Give it as A:B, for example 3:10, 3: or :10.');
  const from = Number(match[1] || 1);
  const last = match.length === 2 ? match[1] : match[2];
  const to = last === '' || last === undefined ? Number.MAX_SAFE_INTEGER : Number(last);
  if (from < 1 || to < from) throw new InvalidArgumentError('Messages count from 1, and A is not after B.');
  return { from, to };
}

function policy(
  text: string,
  before: Partial<Record<DriftKind, DriftPolicy>> | undefined,
): Partial<Record<DriftKind, DriftPolicy>> {
  const [kind, value] = text.split('=');
  const known = KINDS.find((one) => one === kind);
  const wanted = POLICIES.find((one) => one === value);
  if (known === undefined || wanted === undefined) {
    throw new InvalidArgumentError(`Give it as kind=value: ${KINDS.join(', ')} = ${POLICIES.join(', ')}.`);
  }
  return { ...before, [known]: wanted };
}
