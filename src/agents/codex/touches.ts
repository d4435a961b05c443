import type { FileTouch } from '../../core/index.ts';
import { applyHunks, unifiedHunks } from '../patches.ts';
import { resolvePath } from '../paths.ts';
import { type JsonObject, list, object, optional, string } from '../shape.ts';
import { heredocPatch, shellReads } from '../shell.ts';
import type { TouchLog } from '../touchLog.ts';
import { applyPatch, type FilePatch, parsePatch } from './applyPatch.ts';
import { printedText } from './items.ts';

/** A call that waits for its output, and what events told of it meanwhile. */
export interface Call {
  readonly name: string;
  readonly input: unknown;
  readonly cwd: string | undefined;
  readonly messageId: string;
  /** `parsed_cmd` of `item_completed` or `exec_command_end`. */
  commands?: readonly JsonObject[];
  /** `changes` of a completed `FileChange` or `patch_apply_end`. */
  changes?: JsonObject;
}

/** What a finished call did to files. */
export interface CallTouches {
  readonly reads: number;
  readonly fullReads: number;
  readonly edits: number;
}

export interface Outcome {
  readonly text: string;
  readonly exitCode: number | undefined;
  readonly at: string | undefined;
}

const NONE: CallTouches = { reads: 0, fullReads: 0, edits: 0 };

export function touchesOf(call: Call, outcome: Outcome, log: TouchLog): CallTouches {
  const { script, cwd } = commandOf(call);
  const patch = patchOf(call, script);
  if (call.changes !== undefined) return changedFiles(call, outcome, log);
  if (patch !== undefined) {
    const done = outcome.exitCode === undefined ? /\bSuccess\b/.test(outcome.text) : outcome.exitCode === 0;
    return done ? patchedFiles(patch, cwd, call, outcome, log) : NONE;
  }
  if (script === undefined || (outcome.exitCode !== undefined && outcome.exitCode !== 0)) return NONE;
  return readFiles(script, cwd, call, outcome, log);
}

/** The shell script of a call by any of the shell tools, and the folder it runs in. */
function commandOf(call: Call): { readonly script: string | undefined; readonly cwd: string | undefined } {
  const input = object(call.input);
  const command = input?.['cmd'] ?? input?.['command'];
  const workdir = string(input?.['workdir']) ?? string(input?.['working_directory']);
  const cwd = workdir === undefined ? call.cwd : (resolvePath(call.cwd, workdir) ?? call.cwd);
  if (typeof command === 'string') return { script: command, cwd };
  const words = list(command).flatMap((word) => string(word) ?? []);
  if (words.length === 0) return { script: undefined, cwd };
  const shell = /(?:^|\/)(?:ba|z|da)?sh$/.test(words[0] as string) && /^-\w*c$/.test(words[1] ?? '');
  return { script: shell ? (words[2] ?? '') : words.map(quoted).join(' '), cwd };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function patchOf(call: Call, script: string | undefined): readonly FilePatch[] | undefined {
  const input = string(call.input) ?? string(object(call.input)?.['input']) ?? string(object(call.input)?.['patch']);
  if (call.name === 'apply_patch' && input !== undefined) return parsePatch(input);
  const text = script === undefined ? undefined : heredocPatch(script);
  return text === undefined ? undefined : parsePatch(text);
}

function patchedFiles(
  patches: readonly FilePatch[],
  cwd: string | undefined,
  call: Call,
  outcome: Outcome,
  log: TouchLog,
): CallTouches {
  for (const patch of patches) {
    const path = resolvePath(cwd, patch.path);
    if (path === undefined) continue;
    const known = log.text(path);
    const updated = known === undefined ? undefined : applyPatch(known, patch);
    const text = patch.op === 'add' ? patch.content : updated;
    note(call, outcome, log, { op: patch.op, path, text, moveTo: patch.moveTo && resolvePath(cwd, patch.moveTo) });
  }
  return { ...NONE, edits: patches.length };
}

/** The changes that Codex itself reported, by absolute path. */
function changedFiles(call: Call, outcome: Outcome, log: TouchLog): CallTouches {
  const changes = Object.entries(call.changes ?? {});
  for (const [named, value] of changes) {
    const change = object(value);
    const path = resolvePath(call.cwd, named);
    if (change === undefined || path === undefined) continue;
    // Older versions say { "add": { … } } instead of { "type": "add", … }.
    const type = string(change['type']) ?? Object.keys(change)[0] ?? '';
    const detail = object(change[type]) ?? change;
    const op = type === 'add' || type === 'delete' ? type : 'update';
    const known = log.text(path);
    const diff = string(detail['unified_diff']);
    const updated = known === undefined || diff === undefined ? undefined : applyHunks(known, unifiedHunks(diff));
    const move = string(detail['move_path']);
    const text = op === 'add' ? string(detail['content']) : updated;
    note(call, outcome, log, { op, path, text, moveTo: move === undefined ? undefined : resolvePath(call.cwd, move) });
  }
  return { ...NONE, edits: changes.length };
}

function note(
  call: Call,
  outcome: Outcome,
  log: TouchLog,
  file: { op: FilePatch['op']; path: string; text: string | undefined; moveTo: string | undefined },
): void {
  const common = { messageId: call.messageId, ...optional('at', outcome.at) };
  if (file.op === 'delete' || file.moveTo !== undefined)
    log.add({ ...common, path: file.path, op: 'delete', full: true });
  if (file.op === 'delete') return;
  const text = file.text === undefined ? {} : { text: file.text };
  const path = file.moveTo ?? file.path;
  log.add({ ...common, path, op: file.op === 'add' ? 'write' : 'edit', full: file.text !== undefined, ...text });
}

function readFiles(script: string, cwd: string | undefined, call: Call, outcome: Outcome, log: TouchLog): CallTouches {
  const found = shellReads(script);
  let fullReads = 0;
  for (const read of found) {
    if (read.full) fullReads += 1;
    const folder = read.folders.reduce<string | undefined>((from, to) => resolvePath(from, to) ?? from, cwd);
    const path = resolvePath(folder, read.path);
    if (path === undefined || /[*?$`]/.test(read.path)) continue;
    const printed = read.alone === undefined ? undefined : printedText(outcome.text);
    const whole =
      printed !== undefined && printed.split('\n').length - 1 < (read.alone?.lines ?? Number.POSITIVE_INFINITY);
    const touch: FileTouch = {
      path,
      op: 'read',
      full: read.full || whole,
      messageId: call.messageId,
      ...optional('at', outcome.at),
      ...optional('text', whole ? printed : stillKnown(log.text(path), printed)),
    };
    log.add(touch);
  }
  if (found.length > 0) return { reads: found.length, fullReads, edits: 0 };
  return parsedReads(call, cwd, outcome, log);
}

/** A beginning of a file, read again, confirms what is known of the whole. */
function stillKnown(known: string | undefined, printed: string | undefined): string | undefined {
  return known !== undefined && printed !== undefined && printed !== '' && known.startsWith(printed)
    ? known
    : undefined;
}

/** Reads that only Codex's own parser saw. */
function parsedReads(call: Call, cwd: string | undefined, outcome: Outcome, log: TouchLog): CallTouches {
  let reads = 0;
  for (const command of call.commands ?? []) {
    const named = command['type'] === 'read' ? string(command['path']) : undefined;
    if (named === undefined) continue;
    reads += 1;
    const path = resolvePath(cwd, named);
    if (path !== undefined)
      log.add({ path, op: 'read', full: false, messageId: call.messageId, ...optional('at', outcome.at) });
  }
  return { ...NONE, reads };
}
