import type { FileTouch } from '../../core/index.ts';
import { applyPatch, parsePatch } from '../codex/applyPatch.ts';
import { replaceText } from '../patches.ts';
import { resolvePath } from '../paths.ts';
import { isoTime, type JsonObject, number, object, objects, optional, string } from '../shape.ts';
import { createTouchLog, type TouchLog } from '../touchLog.ts';

/** Longer lines are cut, which nothing tells: `truncated` stays false. */
const MAX_LINE = 2000;

export interface CallTouches {
  readonly reads: number;
  readonly fullReads: number;
  readonly edits: number;
}

const NONE: CallTouches = { reads: 0, fullReads: 0, edits: 0 };

/** What a finished call did to files. */
export function touchesOf(part: JsonObject, messageId: string, cwd: string | undefined, log: KnownFiles): CallTouches {
  const state = object(part['state']) ?? {};
  const input = object(state['input']) ?? {};
  const common = { messageId, ...optional('at', isoTime(object(state['time'])?.['end'])) };
  const named = string(input['filePath']);
  const path = named === undefined ? undefined : resolvePath(cwd, named);
  switch (part['tool']) {
    case 'read':
      return path === undefined ? NONE : read(path, input, state, common, log);
    case 'write': {
      if (path === undefined) return NONE;
      log.add({ ...common, path, op: 'write', full: true, ...optional('text', string(input['content'])) });
      return { ...NONE, edits: 1 };
    }
    case 'edit':
    case 'multiedit':
      return path === undefined ? NONE : edit(path, input, state, common, log);
    case 'patch':
    case 'apply_patch':
      return patch(string(input['patchText']) ?? '', cwd, common, log);
    default:
      return NONE;
  }
}

/** The log of a reader, and which of the texts in it lack the newline at their end that was not shown. */
export interface KnownFiles extends TouchLog {
  isOpenEnded(path: string): boolean;
}

export function createKnownFiles(): KnownFiles {
  const log = createTouchLog();
  const open = new Set<string>();
  return {
    ...log,
    add(touch) {
      if (touch.openEnd === true) open.add(touch.path);
      else open.delete(touch.path);
      log.add(touch);
    },
    isOpenEnded: (path) => open.has(path),
  };
}

type Common = Pick<FileTouch, 'messageId' | 'at'>;

function read(path: string, input: JsonObject, state: JsonObject, common: Common, log: KnownFiles): CallTouches {
  const isWhole = (input['offset'] ?? null) === null && (input['limit'] ?? null) === null;
  const shown = shownText(state);
  const isAll = isWhole && shown?.isEnd === true;
  const text = isAll ? shown?.text : undefined;
  const known = log.text(path);
  // The final newline is never shown: what is known for certain stays so.
  if (text !== undefined && known !== undefined && !log.isOpenEnded(path) && known.replace(/\n$/, '') === text) {
    log.add({ ...common, path, op: 'read', full: true, text: known });
  } else {
    log.add({ ...common, path, op: 'read', full: isAll, ...(text === undefined ? {} : { text, openEnd: true }) });
  }
  return { reads: 1, fullReads: isWhole ? 1 : 0, edits: 0 };
}

/** The lines that a read showed; undefined where they cannot be told from the output. */
function shownText(state: JsonObject): { readonly text: string | undefined; readonly isEnd: boolean } | undefined {
  const metadata = object(state['metadata']);
  const display = object(metadata?.['display']);
  if (display !== undefined) {
    const text = string(display['text']);
    if (display['type'] !== 'file' || text === undefined) return undefined;
    const isEnd = number(display['lineEnd']) === number(display['totalLines']) && metadata?.['truncated'] !== true;
    return { text: uncut(text), isEnd };
  }
  const [, body] = /<(?:file|content)>\n([\s\S]*?)\n*<\/(?:file|content)>/.exec(string(state['output']) ?? '') ?? [];
  if (body === undefined) return undefined;
  const lines: string[] = [];
  for (const line of body.split('\n')) {
    const [, , said] = /^(\d+)(?:\| |: )(.*)$/s.exec(line) ?? [];
    if (said !== undefined) lines.push(said);
    else if (/^\(File has more lines|^\(Output truncated|^\(Showing lines/i.test(line))
      return { text: undefined, isEnd: false };
  }
  return { text: uncut(lines.join('\n')), isEnd: metadata?.['truncated'] !== true };
}

function uncut(text: string): string | undefined {
  return text.split('\n').some((line) => line.length >= MAX_LINE) ? undefined : text;
}

function edit(path: string, input: JsonObject, state: JsonObject, common: Common, log: KnownFiles): CallTouches {
  const after = string(object(object(state['metadata'])?.['filediff'])?.['after']);
  const edits = input['edits'] === undefined ? [input] : objects(input['edits']);
  const text =
    after ??
    edits.reduce<string | undefined>((known, one) => {
      const [from, to] = [string(one['oldString']), string(one['newString'])];
      return known === undefined || from === undefined || to === undefined
        ? undefined
        : replaceText(known, from, to, one['replaceAll'] === true);
    }, log.text(path));
  const openEnd = after === undefined && text !== undefined && log.isOpenEnded(path) ? { openEnd: true } : {};
  log.add({ ...common, path, op: 'edit', full: text !== undefined, ...optional('text', text), ...openEnd });
  return { ...NONE, edits: 1 };
}

function patch(text: string, cwd: string | undefined, common: Common, log: KnownFiles): CallTouches {
  const files = parsePatch(text);
  for (const file of files) {
    const path = resolvePath(cwd, file.path);
    if (path === undefined) continue;
    const moved = file.moveTo === undefined ? undefined : resolvePath(cwd, file.moveTo);
    const known = log.text(path);
    const after = file.op === 'add' ? file.content : known === undefined ? undefined : applyPatch(known, file);
    if (file.op === 'delete' || moved !== undefined) log.add({ ...common, path, op: 'delete', full: true });
    if (file.op === 'delete') continue;
    const op = file.op === 'add' ? 'write' : 'edit';
    const openEnd = op === 'edit' && after !== undefined && log.isOpenEnded(path) ? { openEnd: true } : {};
    log.add({ ...common, path: moved ?? path, op, full: after !== undefined, ...optional('text', after), ...openEnd });
  }
  return { ...NONE, edits: files.length };
}
