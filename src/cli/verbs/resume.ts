import { type Agent, type Given, type GivePlan, giveSession, planGift } from '../../agents/index.ts';
import type { Context } from '../context.ts';
import { driveSession } from '../driveSession.ts';
import { type Ending, type Failed, failed, isFailed, openFailed, thrownSystemError } from '../ending.ts';
import { handOverJson, handOverLines } from '../handOverText.ts';
import { plain, plainLine } from '../plain.ts';
import { printGift } from '../printGift.ts';
import { firstMessage, startAgent } from '../startAgent.ts';
import { commandOf, factsOf, type GiftOptions, type Wanted, wantedOf } from '../wantedGift.ts';

export interface ResumeOptions extends GiftOptions {
  readonly print?: boolean;
  readonly takeOver?: boolean;
}

/** Goes on with a session in its own agent, or in another one that is given it. */
export async function resume(context: Context, name: string, options: ResumeOptions): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  let wanted: Wanted | Failed;
  try {
    wanted = await wantedOf(context, opened.document, options);
  } finally {
    await opened.document.close();
  }
  if (isFailed(wanted)) return wanted;
  const plan = await planGift(wanted.gift);
  if (plan.kind === 'refused') return refused(name, plan);
  if (options.print === true) return printGift(context, wanted, plan);
  if (plan.kind === 'elsewhere') return failed('elsewhere', plan.transcript);
  const lease = wanted.isOwn
    ? await driveSession(context, name, wanted.body.session_id, options.takeOver === true)
    : undefined;
  if (isFailed(lease)) return lease;
  try {
    return await start(context, wanted);
  } finally {
    await lease?.release();
  }
}

function refused(name: string, { code, detail }: Extract<GivePlan, { kind: 'refused' }>): Failed {
  switch (code) {
    case 'not-native':
      return failed('not-native', name);
    case 'unsafe-id':
      return failed('unsafe-id', detail ?? '');
    case 'newer-schema':
      return failed('read-only', name, code);
    case 'not-open':
      return failed('unreadable', name, detail);
  }
}

/** Writes the session for the agent where it must be, and runs the agent. */
async function start(context: Context, wanted: Wanted): Promise<Ending> {
  const { gift } = wanted;
  let given: Awaited<ReturnType<typeof giveSession>>;
  try {
    given = await giveSession(gift);
  } catch (error) {
    return thrownSystemError(error, gift.name);
  }
  switch (given.kind) {
    case 'given':
      break;
    case 'elsewhere':
      return failed('elsewhere', given.transcript);
    case 'invalid':
      return failed('invalid-transcript', gift.name, given.problems.map(({ code }) => code).join(', '));
    case 'refused':
      return refused(gift.name, given);
  }
  const { nativeId, transcript, before, report, resumeWith } = given;
  const json = {
    name: gift.name,
    ...factsOf(wanted, nativeId),
    transcript,
    hand_over: report === undefined ? null : handOverJson(report),
  };
  if (report !== undefined) {
    const lines = [`"${gift.name}" for ${gift.to.label}:`, ...handOverLines(report)];
    await context.io.err(`${lines.map((line) => plainLine(`holdfast: ${line}`)).join('\n')}\n`);
  }
  if (before !== undefined) {
    const failure = await startAgent(context, before.command, before.args);
    if (failure !== undefined) return failure;
  }
  const first = wanted.text === undefined ? '' : plain(wanted.text.trimEnd());
  if (commandOf(wanted, nativeId, undefined, resumeWith) === undefined) {
    return { kind: 'done', json, text: [plainLine(byHand(gift.to, transcript)), first].join('\n\n').trimEnd() };
  }
  if (first !== '' && gift.to.native?.withoutPrompt === true) {
    await context.io.err(
      `${plainLine(`holdfast: ${gift.to.label} takes no first message; paste this one:`)}\n\n${first}\n`,
    );
  }
  const failure = await run(context, wanted, given);
  return failure ?? { kind: 'done', json, text: '' };
}

function byHand(to: Agent, transcript: string): string {
  return to.id === 'copilot-chat'
    ? `Written: ${transcript} -- choose "Chat: Import Chat..." in VS Code and pick this file.`
    : `Written for ${to.label}: ${transcript} -- load it in your program: agent.load_session(path).`;
}

/** Undefined when the agent ended well. */
async function run(
  context: Context,
  wanted: Wanted,
  { nativeId, resumeWith }: Extract<Given, { kind: 'given' }>,
): Promise<Failed | undefined> {
  const first = wanted.text === undefined ? undefined : await firstMessage(context, wanted.text);
  if (isFailed(first)) return first;
  try {
    const line = commandOf(wanted, nativeId, first?.prompt, resumeWith);
    return line === undefined ? undefined : await startAgent(context, line.command, line.args);
  } finally {
    await first?.remove();
  }
}
