import type { FileTouch } from '../../core/index.ts';
import { type CallTouches, NO_TOUCHES } from '../callTouches.ts';
import { applyPatch, parsePatch } from '../codex/applyPatch.ts';
import { replaceText } from '../patches.ts';
import { resolvePath } from '../paths.ts';
import { type JsonObject, list, number, object, objects, optional, string } from '../shape.ts';
import { shellReads } from '../shell.ts';
import { isPartOf, type TouchLog } from '../touchLog.ts';

/** A call that waits for its result. */
export interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly cwd: string | undefined;
  readonly messageId: string;
}

const EDITED: CallTouches = { ...NO_TOUCHES, edits: 1 };

export interface Outcome {
  /** Of the `tool.execution_complete` event. */
  readonly data: JsonObject;
  readonly output: string;
  readonly at: string | undefined;
  /** SHA-256 of a file's bytes after the prompt, where the agent recorded it. */
  readonly sha256: (path: string) => string | undefined;
}

/** Notes what a successful call of a file tool did (FORMATS 4B); a read by shell command is noted, but not counted. */
export function touchFiles(call: Call, outcome: Outcome, log: TouchLog): CallTouches {
  const input = object(call.input) ?? {};
  const command = call.name === 'str_replace_editor' ? string(input['command']) : call.name;
  const path = pathOf(call, input['path']);
  switch (command) {
    case 'view':
      return view(call, input, path, outcome, log);
    case 'edit':
    case 'str_replace':
    case 'insert': {
      const [before, after] = [string(input['old_str']), string(input['new_str'])];
      const known = path === undefined ? undefined : log.text(path);
      const text =
        known === undefined || before === undefined || after === undefined
          ? undefined
          : replaceText(known, before, after, false);
      if (path !== undefined) edited(call, outcome, log, { path, op: 'edit', text });
      return EDITED;
    }
    case 'create': {
      if (path !== undefined) edited(call, outcome, log, { path, op: 'write', text: string(input['file_text']) });
      return EDITED;
    }
    case 'apply_patch':
      return patched(call, outcome, log);
    case 'bash':
    case 'powershell':
    case 'shell':
      readsByShell(call, string(input['command']) ?? '', outcome, log);
      return NO_TOUCHES;
    default:
      return toldEdits(call, outcome, log);
  }
}

function pathOf(call: Call, named: unknown): string | undefined {
  const path = string(named);
  return path === undefined ? undefined : resolvePath(call.cwd, path);
}

function view(call: Call, input: JsonObject, path: string | undefined, outcome: Outcome, log: TouchLog): CallTouches {
  const { output } = outcome;
  const range = list(input['view_range']);
  const full = range.length === 0 && !/^File too large to read at once/.test(output);
  const counts = { ...NO_TOUCHES, reads: 1, fullReads: full ? 1 : 0 };
  const viewed = string(object(object(outcome.data['toolTelemetry'])?.['properties'])?.['viewType']);
  if (path === undefined || (viewed !== undefined && viewed !== 'file')) return counts;
  const common = { path, op: 'read', messageId: call.messageId, ...optional('at', outcome.at) } as const;
  // Versions up to 1.0.3x number the lines, and then it is not told whether the last one ends.
  const shown = isNumbered(output) ? undefined : output;
  if (full) {
    log.add({ ...common, full, ...optional('text', shown) });
    return counts;
  }
  const known = log.text(path);
  const start = Math.max(1, number(range[0]) ?? 1);
  const still = known !== undefined && shown !== undefined && shown !== '' && isPartOf(known, shown, start);
  log.add({ ...common, full: still, ...optional('text', still ? known : undefined) });
  return counts;
}

function isNumbered(output: string): boolean {
  const lines = output.split('\n');
  const first = Number(/^(\d+)\. /.exec(lines[0] ?? '')?.[1]);
  return lines.every((line, index) => line.startsWith(`${first + index}. `) || line === `${first + index}.`);
}

function edited(
  call: Call,
  outcome: Outcome,
  log: TouchLog,
  file: { readonly path: string; readonly op: 'edit' | 'write'; readonly text: string | undefined },
): void {
  const { path, op, text } = file;
  const touch: FileTouch = {
    ...{ path, op, full: text !== undefined, messageId: call.messageId },
    ...optional('at', outcome.at),
    ...optional('text', text),
    ...optional('sha256', outcome.sha256(path)),
  };
  log.add(touch);
}

function patched(call: Call, outcome: Outcome, log: TouchLog): CallTouches {
  const input = object(call.input);
  const patches = parsePatch(string(call.input) ?? string(input?.['input']) ?? string(input?.['patch']) ?? '');
  for (const patch of patches) {
    const path = resolvePath(call.cwd, patch.path);
    if (path === undefined) continue;
    const to = patch.moveTo === undefined ? path : (resolvePath(call.cwd, patch.moveTo) ?? path);
    if (patch.op === 'delete' || to !== path) {
      log.add({ path, op: 'delete', full: true, messageId: call.messageId, ...optional('at', outcome.at) });
    }
    if (patch.op === 'delete') continue;
    const known = log.text(path);
    const updated = known === undefined ? undefined : applyPatch(known, patch);
    const text = patch.op === 'add' ? patch.content : updated;
    edited(call, outcome, log, { path: to, op: patch.op === 'add' ? 'write' : 'edit', text });
  }
  return { ...NO_TOUCHES, edits: patches.length };
}

/** Edits of tools that are not known, as the agent itself reports them. */
function toldEdits(call: Call, outcome: Outcome, log: TouchLog): CallTouches {
  const edits = objects(outcome.data['fileEdits']);
  for (const { path: named, kind } of edits) {
    const path = pathOf(call, named);
    if (path === undefined) continue;
    if (kind === 'delete') {
      log.add({ path, op: 'delete', full: true, messageId: call.messageId, ...optional('at', outcome.at) });
    } else edited(call, outcome, log, { path, op: kind === 'create' ? 'write' : 'edit', text: undefined });
  }
  return { ...NO_TOUCHES, edits: edits.length };
}

function readsByShell(call: Call, script: string, outcome: Outcome, log: TouchLog): void {
  // A command that ran is a success, whatever came of it.
  if (/<(?:command with [^<>]{0,80} )?exited with exit code (?!0>)/.test(outcome.output)) return;
  for (const read of shellReads(script)) {
    const from = read.folders.reduce<string | undefined>((base, to) => resolvePath(base, to) ?? base, call.cwd);
    const path = /[*?$`]/.test(read.path) ? undefined : resolvePath(from, read.path);
    if (path === undefined) continue;
    log.add({ path, op: 'read', full: read.full, messageId: call.messageId, ...optional('at', outcome.at) });
  }
}

/** A log that takes no reads. */
export function writesOnly(log: TouchLog): TouchLog {
  return { ...log, add: (touch) => (touch.op === 'read' ? undefined : log.add(touch)) };
}
