import type { FileTouch, Problem } from '../../core/index.ts';
import type { ReaderOptions, TranscriptReader } from '../agent.ts';
import { parseLine, parseValue } from '../parseLine.ts';
import { resolvePath } from '../paths.ts';
import { isoTime, type JsonObject, object, optional, string } from '../shape.ts';
import { readBeside } from './beside.ts';
import { createConversation } from './conversation.ts';
import { type TaskAgent, taskFacts, versionOf } from './facts.ts';
import { recordFacts, shownFolder } from './recordFacts.ts';
import type { RecordFacts, Said } from './said.ts';
import { sessionRecord } from './sessionRecord.ts';
import { type OpenCalls, taskRecord } from './taskRecord.ts';
import { isUiRecord, uiModel, uiRecord, uiUsage } from './uiRecord.ts';

type At = Parameters<TranscriptReader['push']>[1];

/**
 * Reads a task (`api_conversation_history.json`, or `ui_messages.json` where that is all there is) or a session of the
 * SDK (`<id>.messages.json`), by what their records look like (FORMATS 6).
 */
export function taskReader(agent: TaskAgent, { transcript, beside }: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const talk = createConversation();
  const known = readBeside(transcript, beside ?? new Map());
  /** Fields of an SDK session beside its messages. */
  const fields = new Map<string, unknown>();
  const ids = new Set<string>();
  const open: OpenCalls = [];
  let place = -1;
  let { cwd } = known;
  /** What the last answer of a view says, where it was still being written. */
  let partial: string | undefined;
  let noted = false;

  function push(record: string, at: At): void {
    if (at.key !== '' && at.key !== 'messages') {
      takeField(at.key ?? '', record, at);
      return;
    }
    const parsed = parseLine(record, at.number, problems);
    if (parsed === undefined) return;
    // Of a list it is the element's, whatever was left out before it.
    place = Math.max(place + 1, at.key === '' ? at.number - 1 : 0);
    if (isUiRecord(parsed)) takeUi(parsed);
    else if (string(parsed['role']) === undefined)
      problems.push({ code: 'bad-shape', line: at.number, detail: 'no message' });
    else if (at.key === 'messages') takeSession(parsed);
    else takeTask(parsed);
  }

  function takeField(name: string, text: string, at: At): void {
    const value = parseValue(text, at.number, problems);
    if (value !== undefined) fields.set(name, value);
  }

  /** The record's own id, where no other has it and it is not like one of ours; else its place. */
  function idOf(record: JsonObject): string {
    const own = string(record['id']);
    const usable = own !== undefined && /^[A-Za-z0-9][\w-]{7,400}$/.test(own) && !ids.has(own);
    if (usable) ids.add(own);
    return usable ? own : `m${place}`;
  }

  function takeSession(record: JsonObject): void {
    const said = sessionRecord(record);
    talk.add(idOf(record), said, recordFacts(record), cwd);
    talk.attach(said.flatMap(attachedFiles), isoTime(record['ts']));
  }

  function attachedFiles({ role, content }: Said): readonly { readonly path: string; readonly text: string }[] {
    if (role !== 'user' || typeof content === 'string') return [];
    return content.flatMap((part) => {
      const path = part.type === 'file' ? resolvePath(cwd, String(part['path'])) : undefined;
      const text = string(part['content']);
      return path === undefined || text === undefined ? [] : [{ path, text }];
    });
  }

  function takeTask(record: JsonObject): void {
    cwd ??= shownFolder(record);
    talk.add(`m${place}`, taskRecord(record, place, open), recordFacts(record), cwd);
  }

  function takeUi(record: JsonObject): void {
    const said = uiRecord(record, place);
    const facts: RecordFacts = {
      ...optional('at', isoTime(record['ts'])),
      ...optional('model', uiModel(record)),
      ...uiUsage(record),
    };
    const text = said?.role === 'assistant' ? string(object(said.content[0])?.['text']) : undefined;
    if (said !== undefined && partial !== undefined && text?.startsWith(partial) === true)
      talk.replaceLast(said, facts);
    else talk.add(`m${place}`, said === undefined ? [] : [said], facts, cwd);
    if (said !== undefined) partial = record['partial'] === true ? text : undefined;
  }

  /** What the agent noted of files that no call of the conversation names: mentioned by the user, for one. Told once. */
  function notedTouches(touched: readonly FileTouch[]): readonly FileTouch[] {
    const messageId = noted ? undefined : talk.messages()[0]?.id;
    noted = true;
    if (messageId === undefined) return [];
    const seen = new Set(touched.map(({ path }) => path));
    return known.filesInContext.flatMap((file) => {
      const path = resolvePath(cwd, file.path);
      if (path === undefined || seen.has(path)) return [];
      return [{ path, op: file.op, full: false, messageId, ...optional('at', file.at) }];
    });
  }

  return {
    push,
    takeEvents: talk.takeEvents,
    takeTouches() {
      const touched = talk.touches.take();
      return [...notedTouches(touched), ...touched];
    },
    messages: talk.messages,
    facts: () => taskFacts({ agent, transcript, talk, known, fields, cwd }),
    counts() {
      const counts = talk.counts();
      const version = versionOf(fields, known);
      const models = counts.models.length > 0 || known.model === undefined ? counts.models : [known.model];
      const spent = counts.tokensIn + counts.tokensOut > 0 ? undefined : known.tokens;
      return {
        ...counts,
        models,
        versions: version === undefined ? [] : [version],
        ...(spent === undefined
          ? {}
          : {
              tokensIn: spent.input + (spent.cache_read ?? 0) + (spent.cache_write ?? 0),
              tokensOut: spent.output,
            }),
      };
    },
    problems: () => problems,
  };
}
