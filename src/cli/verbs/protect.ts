import {
  applyPlan,
  hookCommand,
  installHookProgram,
  nodeForHooks,
  type PlanOutcome,
  PROTECTED_AGENTS,
  type ProtectedAgent,
  type ProtectionOptions,
  type ProtectionPlan,
  type ProtectionScope,
  planInstall,
  protectionState,
} from '../../agents/index.ts';
import type { Context } from '../context.ts';
import { type Ending, failed, thrownSystemError } from '../ending.ts';
import { planText, stateText } from '../planText.ts';

export interface ProtectOptions {
  readonly scope: ProtectionScope;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export async function protect(context: Context, agent: string | undefined, options: ProtectOptions): Promise<Ending> {
  if (agent === undefined)
    return failed('usage', 'Give an agent.', `One of ${PROTECTED_AGENTS.join(', ')}; or --status.`);
  return carryOut(context, agent, options, planInstall);
}

export async function protectionStatus(context: Context): Promise<Ending> {
  const rows = [];
  for (const agent of PROTECTED_AGENTS)
    for (const scope of ['project', 'user'] as const)
      rows.push({ agent, scope, state: await protectionState(optionsOf(context, agent, scope)) });
  // Without it the hooks that are there do nothing.
  const node = rows.some(({ state }) => state !== 'absent') ? await nodeForHooks(context.io.env) : undefined;
  return { kind: 'done', json: { protection: rows, node: node ?? null }, text: stateText(rows, node) };
}

/** Shows the exact change, asks, and makes it. */
export async function carryOut(
  context: Context,
  wanted: string,
  options: ProtectOptions,
  makePlan: (options: ProtectionOptions) => Promise<PlanOutcome>,
): Promise<Ending> {
  const agent = PROTECTED_AGENTS.find((id) => id === wanted);
  if (agent === undefined) return failed('unknown-agent', wanted, PROTECTED_AGENTS.join(', '));
  const outcome = await makePlan(optionsOf(context, agent, options.scope));
  if (outcome.kind === 'unreadable') return failed('unreadable', outcome.file, outcome.detail);
  const { plan } = outcome;
  const node = plan.action === 'install' ? await nodeForHooks(context.io.env) : undefined;
  const shown = { ...plan, ...(node === undefined ? {} : { node }) };
  const text = planText(shown);
  if (options.dryRun === true) return { kind: 'done', json: planJson(shown, false), text };
  if (plan.changes.length > 0 && options.yes !== true) {
    if (context.io.ask === undefined || context.json) return failed('not-confirmed', agent);
    await context.io.err(`${text}\n`);
    if (!/^y(?:es)?$/i.test((await context.io.ask('Make this change? [y/N] ')).trim()))
      return failed('not-confirmed', agent);
  }
  return apply(context, plan, shown, options.yes === true ? text : '');
}

async function apply(context: Context, plan: ProtectionPlan, shown: ProtectionPlan, text: string): Promise<Ending> {
  try {
    if (plan.program !== undefined) await installHookProgram(context.io, context.io.programs ?? context.io.cwd);
    const done = await applyPlan(plan);
    if (done.kind === 'changed-meanwhile') return failed('changed-meanwhile', done.file);
  } catch (error) {
    return thrownSystemError(error, plan.changes[0]?.file ?? plan.program ?? '');
  }
  const what = plan.changes.length === 0 ? 'Nothing to change.' : plan.action === 'install' ? 'Installed.' : 'Removed.';
  return { kind: 'done', json: planJson(shown, true), text: text === '' ? what : `${text}\n${what}` };
}

function planJson({ alsoFires, changes, ...plan }: ProtectionPlan, applied: boolean): object {
  const texts = changes.map(({ file, before, after }) => ({ file, before: before ?? null, after: after ?? null }));
  return { plan: { ...plan, changes: texts, also_fires: alsoFires }, applied };
}

/** Agents start the hook in the user's own home, whatever `--home` says of where they keep their settings. */
function optionsOf(
  { folder, agentHome, io }: Context,
  agent: ProtectedAgent,
  scope: ProtectionScope,
): ProtectionOptions {
  return { agent, scope, folder, where: agentHome, command: hookCommand(io) };
}
