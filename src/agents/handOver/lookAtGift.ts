import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { escapeLine, inlineBlobs, type Message, mirrorPath, type SessionDocument } from '../../core/index.ts';
import type { Agent, NativeForkOptions, NativeForm, ResumeOptions } from '../agent.ts';
import { agents } from '../agents.ts';
import { fileState, isInside } from '../files.ts';
import { nativeSession } from '../nativeSession.ts';
import { readerOptions, readRecords } from '../readRecords.ts';
import { boundOptions } from '../resumeCommand.ts';
import { jsonText, optional } from '../shape.ts';
import type { GiveOptions, GivePlan } from './giveSession.ts';
import { type HandedOver, handOver } from './handOver.ts';
import { staleFiles } from './staleFiles.ts';

/** What a native session is made from. */
type Gift =
  | {
      readonly from: 'raw';
      readonly source: Pick<NativeForkOptions, 'raw' | 'upTo' | 'messages'>;
      readonly resumeWith: Pick<ResumeOptions, 'provider'> | undefined;
    }
  | { readonly from: 'messages'; readonly handed: HandedOver };

export type Looked =
  | Exclude<GivePlan, { readonly kind: 'to-write' }>
  | {
      readonly kind: 'to-write';
      readonly nativeId: string;
      readonly form: NativeForm;
      readonly gift: Gift;
      readonly title: string;
    };

const PAGE = 200;
/** Of a title, characters: some first prompts are pages long. */
const MAX_TITLE = 200;

/** Looks whether the agent has the session, and makes ready what would be written; `may.raw`: from the agent's own bytes too. */
export async function lookAtGift(
  options: GiveOptions,
  may: { readonly raw: boolean } = { raw: true },
): Promise<Looked> {
  const { store, name, to, where, folder } = options;
  const form = to.native;
  if (form === undefined) return { kind: 'refused', code: 'not-native' };
  const opened = await store.open(name);
  if (opened.kind !== 'open') return { kind: 'refused', code: 'not-open', detail: opened.kind };
  const { document } = opened;
  try {
    const native = nativeSession(document.body);
    const isOwn = native?.agent === to.id && options.reduction === undefined;
    const nativeId = isOwn ? native.id : await handOverId(document, form, options);
    // The id comes from a file that anybody may have written, and becomes part of a command line.
    if (!form.isId(nativeId)) return { kind: 'refused', code: 'unsafe-id', detail: nativeId };
    const here = (await to.find(where, folder)).find((one) => one.nativeId === nativeId);
    if (here !== undefined) {
      const { transcript } = here;
      return {
        kind: 'present',
        nativeId,
        transcript,
        ...optional('resumeWith', await boundOptions(to, where, transcript)),
      };
    }
    const elsewhere = await form.transcriptOf(where, nativeId);
    if (elsewhere !== undefined) {
      const waits = form.resumeCommand === undefined && !isKept(to, options, elsewhere);
      return { kind: waits ? 'present' : 'elsewhere', nativeId, transcript: elsewhere };
    }
    const source = isOwn && may.raw ? await rawOf(document, options) : undefined;
    // Agents show it in terminals of theirs.
    const title = escapeLine((document.body.title ?? '').trim() || name, MAX_TITLE);
    const bound = source === undefined ? undefined : await form.boundTo?.(where, source.raw);
    // The bytes of a provider that is not set up here would be refused; the messages are for any.
    if (source !== undefined && bound?.isHere !== false) {
      const resumeWith = bound && { provider: bound.provider };
      return { kind: 'to-write', nativeId, form, gift: { from: 'raw', source, resumeWith }, title };
    }
    // What a newer version keeps in its messages is not known here.
    const newer = document.problems.find(({ code }) => code === 'newer-schema');
    if (newer !== undefined) return { kind: 'refused', code: 'newer-schema', ...optional('detail', newer.detail) };
    const gift: Gift = { from: 'messages', handed: await handed(document, form, options) };
    return { kind: 'to-write', nativeId, form, gift, title };
  } finally {
    await document.close();
  }
}

/** False for what was written for an agent that a person opens it in, who has not yet: it is for any folder. */
function isKept(to: Agent, { where, folder }: GiveOptions, transcript: string): boolean {
  return to.watchRoots(where, folder).some((root) => isInside(resolve(root), transcript));
}

/**
 * The same session, as far as it has come and as much of it, is the same session in an agent, whoever asks and when:
 * handed over twice, it goes on where it was left there.
 */
async function handOverId(document: SessionDocument, form: NativeForm, options: GiveOptions): Promise<string> {
  const { session_id, created_at } = document.body;
  const { dropToolOutputs = false, lastTurns = null } = options.reduction ?? {};
  const [last] = await document.messages(Math.max(0, document.messageCount - 1), document.messageCount);
  // A message that was still being written when it was handed over first has other words by now.
  const told = [session_id, options.to.id, document.messageCount, last?.id ?? null, last?.content ?? null];
  const less = options.reduction === undefined ? [] : [dropToolOutputs, lastTurns, pinnedOf(document, options)];
  return form.newId(
    Date.parse(created_at),
    createHash('sha256')
      .update(jsonText([...told, ...less]))
      .digest('hex'),
  );
}

/** The bytes that were kept of the agent's own transcript, where they are all there and hold what the session holds. */
async function rawOf(
  document: SessionDocument,
  { store, to }: GiveOptions,
): Promise<(Gift & { readonly from: 'raw' })['source'] | undefined> {
  const { body, messageCount } = document;
  const kept = body.source?.raw;
  const raw = kept === undefined ? undefined : mirrorPath(store.root, kept.file);
  const state = raw === undefined ? undefined : await fileState(raw);
  if (kept === undefined || raw === undefined || state === undefined || state.size === 0) return undefined;
  if (messageCount === 0) return undefined;
  // A thread that continues another one by reference is whole in the messages only where that one is missing.
  if ((await to.baseOf?.(raw))?.kind === 'missing') return undefined;
  const isFork = body.parent !== undefined;
  if (to.layout(raw).kind === 'lines') {
    const [last] = isFork ? await document.messages(Math.max(0, messageCount - 1), messageCount) : [];
    // A fork ends with its last message, not with its parent's transcript.
    const upTo = isFork ? last?.raw?.to : kept.bytes;
    if (upTo === undefined || upTo > state.size) return undefined;
    return { raw, upTo: Math.min(upTo, kept.bytes), ...(isFork ? { messages: messageCount } : {}) };
  }
  if (!isFork) return { raw };
  return (await beginsWith(to, raw, document)) ? { raw, messages: messageCount } : undefined;
}

/** A transcript that is rewritten as a whole may have lost, since the fork was made, what the fork shares with it. */
async function beginsWith(agent: Agent, raw: string, document: SessionDocument): Promise<boolean> {
  const reader = agent.reader(await readerOptions(agent, raw));
  if ((await readRecords(agent, raw, reader)) === undefined) return false;
  const read = reader.messages();
  for (let at = 0; at < document.messageCount; at += PAGE) {
    const page = await document.messages(at, Math.min(at + PAGE, document.messageCount));
    if (page.some(({ id }, index) => read[at + index]?.id !== id)) return false;
  }
  return true;
}

function pinnedOf({ body }: SessionDocument, { reduction }: GiveOptions): readonly string[] {
  return [...new Set([...(reduction?.pinned ?? []), ...(body.pinned_messages ?? [])])].sort();
}

async function handed(document: SessionDocument, form: NativeForm, options: GiveOptions): Promise<HandedOver> {
  const { store, to, folder, reduction } = options;
  const { body } = document;
  const stale =
    options.staleFiles === undefined
      ? await staleFiles(folder, body)
      : new Set([...options.staleFiles].map((file) => resolve(folder, file)));
  const history: Message[] = [];
  for (let at = 0; at < document.messageCount; at += PAGE) {
    const page = await document.messages(at, Math.min(at + PAGE, document.messageCount));
    for (const message of page) history.push(await inlineBlobs(message, store));
  }
  const pinned = pinnedOf(document, options);
  return handOver(history, {
    from: agents.find(({ id }) => id === body.source?.agent)?.id,
    to: to.id,
    accepts: form.accepts,
    folders: { to: folder, ...optional('from', body.source?.cwd) },
    ...(reduction === undefined ? {} : { reduction: { ...reduction, pinned } }),
    staleFiles: stale,
  });
}
