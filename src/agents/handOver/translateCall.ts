import { INTERRUPTED } from '../../core/index.ts';
import type { Accepts, AgentId, Part } from '../agent.ts';
import { replaceText } from '../patches.ts';
import { object } from '../shape.ts';
import { callText } from './callText.ts';
import type { Dialect, NativeCall, NeutralCall } from './neutralCall.ts';
import type { Call } from './pairCalls.ts';
import { type Folders, pathHere, relocated } from './relocate.ts';
import { dialectOf, readCall } from './toolNames.ts';
import { wellFormed } from './wellFormed.ts';

export interface TranslateOptions {
  readonly from: AgentId | undefined;
  readonly to: AgentId;
  readonly accepts: Accepts;
  readonly folders?: Folders;
  /** Files that changed since they were read: absolute, or as the calls name them. */
  readonly staleFiles?: ReadonlySet<string>;
}

/** A call as the other agent gets it, its result with it. */
export type Translated =
  | {
      readonly kind: 'call';
      readonly native: NativeCall;
      readonly output: string;
      readonly failed: boolean;
      readonly images: readonly Part[];
      readonly how: 'mapped' | 'kept';
      readonly shortened: boolean;
    }
  | { readonly kind: 'text'; readonly text: string; readonly images: number; readonly shortened: boolean };

/** Shorter outputs are hardly longer than the line that would stand for them. */
const SHORT = 300;
const STALE = '[This file changed after it was read here. Read it again before you rely on it or edit it.]';
/** What model APIs take as a tool's name. */
const NAME = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Translates the calls of one conversation, in order: it remembers what files held, since a patch is of whole lines.
 *
 * Claude Code rebuilds from the calls of a transcript which files it has read, and lets them be edited (FORMATS 1.6). A
 * call that would make it believe in a content that it was not shown, or that is not there any more, becomes text.
 */
export function createTranslator(options: TranslateOptions): (call: Call, shorten: boolean) => Translated {
  const { from, to, accepts, folders, staleFiles = new Set() } = options;
  const target = dialectOf(to);
  const texts = new Map<string, string>();
  const keyOf = (path: string): string => (folders === undefined ? path : pathHere(path, folders));

  return (call, shorten) => {
    const found = readCall(from, call);
    const isOwn = from === to || (found === undefined && target?.read(call) !== undefined);
    const neutral = isOwn ? target?.read(call) : found?.call;
    const { output, failed, shown } = outputOf(call, neutral, isOwn ? target : found?.dialect);
    const path = neutral === undefined || neutral.kind === 'shell' ? undefined : neutral.path;
    const isStale = path !== undefined && (staleFiles.has(path) || staleFiles.has(keyOf(path)));
    const before = path === undefined ? undefined : texts.get(keyOf(path));
    if (neutral !== undefined && !failed) note(neutral, shown, before);

    const replaced = isStale && neutral?.kind === 'read' && !failed ? STALE : shortened(output, shorten);
    const tells = replaced ?? output;
    const shortenedNow = replaced !== undefined && replaced !== STALE;
    const images = call.result?.images ?? [];
    const asText = (): Translated => ({
      kind: 'text',
      text: callText({ ...call, output: tells, failed, images: images.length }),
      images: images.length,
      shortened: shortenedNow,
    });
    const misleads =
      isStale || (neutral?.kind === 'read' && (replaced !== undefined || (!isOwn && shown === undefined)));
    if (to === 'claude-code' && path !== undefined && !failed && misleads) return asText();

    const asCall = (native: NativeCall, how: 'mapped' | 'kept', said: string): Translated => {
      const input = wellFormed(native.input);
      if (input === undefined) return asText();
      const { value } = input;
      return {
        kind: 'call',
        native: { ...native, input: value },
        output: said,
        failed,
        images,
        how,
        shortened: shortenedNow,
      };
    };
    if (isOwn) {
      // Chat messages have no calls of a text alone; as Codex says them where it has none either.
      const own =
        to === 'messages' && typeof call.input === 'string' ? { ...call, input: { input: call.input } } : call;
      return isNamed(own, to) ? asCall(own, 'kept', tells) : asText();
    }
    const moved = neutral === undefined ? undefined : relocated(neutral, folders, to === 'codex');
    const native = moved === undefined ? undefined : target?.write(moved, before);
    if (moved !== undefined && native !== undefined && target !== undefined) {
      return asCall(native, 'mapped', replaced ?? target.writeOutput(moved, shown ?? output, failed));
    }
    return accepts.foreignCalls && isNamed(call, to) && object(call.input) !== undefined
      ? asCall(call, 'kept', tells)
      : asText();
  };

  function note(call: NeutralCall, shown: string | undefined, before: string | undefined): void {
    if (call.kind === 'shell') return;
    const key = keyOf(call.path);
    let text: string | undefined = before;
    if (call.kind === 'write') text = call.content;
    else if (call.kind === 'edit') {
      text = before === undefined ? undefined : replaceText(before, call.before, call.after, call.all === true);
    } else if (call.offset === undefined && call.limit === undefined) text = shown;
    if (text === undefined) texts.delete(key);
    else texts.set(key, text);
  }
}

function outputOf(
  call: Call,
  neutral: NeutralCall | undefined,
  dialect: Dialect | undefined,
): { readonly output: string; readonly failed: boolean; readonly shown: string | undefined } {
  const output = (call.result?.output ?? INTERRUPTED).toWellFormed();
  const failed = call.result?.failed ?? true;
  if (neutral === undefined || dialect === undefined || failed) return { output, failed, shown: output };
  return { output, failed, shown: dialect.readOutput(neutral, output) };
}

function shortened(output: string, shorten: boolean): string | undefined {
  if (!shorten || output.length <= SHORT) return undefined;
  return `[The output (${output.length} characters) was left out to make the history shorter.]`;
}

/** Only Codex has tools that take a text instead of an object. */
function isNamed({ name, input }: Call, to: AgentId): boolean {
  return NAME.test(name) && (to === 'codex' || object(input) !== undefined);
}
