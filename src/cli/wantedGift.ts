import {
  agents,
  type CommandLine,
  commandFor,
  type GiveOptions,
  nativeSession,
  type Reduction,
  type ResumeOptions,
  restoreOptions,
} from '../agents/index.ts';
import type { SessionDocument, SnapshotBody } from '../core/index.ts';
import type { Context } from './context.ts';
import { type Failed, failed, isFailed } from './ending.ts';
import { briefingText } from './verbs/briefing.ts';

export interface GiftOptions {
  readonly briefing?: boolean;
  readonly restoreConfig?: boolean;
  /** Another agent than the session's own. */
  readonly agent?: string;
  readonly reduce?: Reduction;
}

/** What somebody asked for, looked up. */
export interface Wanted {
  readonly gift: GiveOptions;
  readonly body: SnapshotBody;
  /** The agent goes on with its own session. */
  readonly isOwn: boolean;
  /** The first message. */
  readonly text: string | undefined;
  readonly restored: ReturnType<typeof restoreOptions>;
}

export async function wantedOf(
  context: Context,
  document: SessionDocument,
  { agent: named, briefing, reduce, restoreConfig }: GiftOptions,
): Promise<Wanted | Failed> {
  const { name, body } = document;
  const native = nativeSession(body);
  const to = agents.find(({ id }) => id === (named ?? native?.agent));
  if (to === undefined) {
    return named === undefined
      ? failed('not-native', name)
      : failed('unknown-agent', named, agents.flatMap(({ id, native: form }) => (form ? [id] : [])).join(', '));
  }
  const isOwn = to.id === native?.agent && reduce === undefined;
  if (restoreConfig === true && to.id !== native?.agent) {
    return failed('usage', 'What was saved of the configuration is of another agent.', 'Leave --restore-config away.');
  }
  const restored = restoreConfig === true ? restoreOptions(to, body.agent_config ?? {}) : {};
  const text =
    briefing === true ? await briefingText(context, document, { restored: restoredFields(restored) }) : undefined;
  if (isFailed(text)) return text;
  const { store, folder, agentHome: where, io } = context;
  const gift: GiveOptions = {
    ...{ store, name, to, where, folder, now: io.now },
    ...(reduce === undefined ? {} : { reduction: reduce }),
  };
  return { gift, body, isOwn, text, restored };
}

function restoredFields({ model, provider }: ReturnType<typeof restoreOptions>): readonly string[] {
  return [...(model === undefined ? [] : ['llm_model']), ...(provider === undefined ? [] : ['llm_provider'])];
}

/** Undefined where a person has to open it in the agent. */
export function commandOf(
  { gift, restored }: Wanted,
  nativeId: string,
  prompt: string | undefined,
  /** What the agent demands, beside what somebody asked for. */
  demanded: Pick<ResumeOptions, 'provider'> | undefined,
): CommandLine | undefined {
  return commandFor(gift.to, nativeId, { ...demanded, ...restored, ...(prompt === undefined ? {} : { prompt }) });
}

export function factsOf({ gift, text, restored }: Wanted, nativeId: string) {
  return {
    agent: gift.to.id,
    native_id: nativeId,
    briefing: text?.length ?? null,
    restored: { model: restored.model ?? null, provider: restored.provider ?? null },
  };
}
