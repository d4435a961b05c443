import fs from 'node:fs';
import path from 'node:path';
import {
  DENIAL_START,
  type HookKnowledge,
  type HookPlace,
  type HookStamp,
  hookFile,
  hookPlace,
  KNOWLEDGE_START,
  PROTECTED_AGENTS,
  parseDenial,
  parseKnowledge,
  parseStamp,
  stampLine,
  stampStart,
  stampsOf,
} from '../agents/index.ts';
import type { HookCall } from './payload.ts';
import { append, readIfThere, replace } from './stateFile.ts';

/** What the hooks have seen of one session, on disk. Nothing is made before something is to be kept. */
export interface HookSession {
  readonly place: HookPlace;
  find(path: string): HookStamp | undefined;
  /** The files, those that were recorded last first; each is read when it is asked for. */
  latest(): Iterable<HookStamp>;
  knowledge(): HookKnowledge | undefined;
  /** The versions of files that were not to be changed when that was denied last. */
  denials(): ReadonlyMap<string, string>;
  /** Records, all in one write: hooks that run beside this one may write at the same time. */
  append(records: readonly string[]): void;
  /** Writes the file anew where most of its records are no longer the last of their file. */
  compact(): void;
  /** Removes what was noted beside it of sessions that nobody has worked in for long; their transcripts tell it again. */
  forget(now: number): void;
}

/** A file below this size is left as it is. */
const COMPACT_BYTES = 512 * 1024;
/** So long a session is remembered: 60 days. */
const KEPT_MS = 60 * 24 * 3600 * 1000;
/** So many old files go at once: an agent waits. */
const FORGOTTEN = 50;
const SESSION_FILE = new RegExp(`^(?:${PROTECTED_AGENTS.join('|')})-[\\w-]+\\.jsonl(?:\\.new)?$`);

/** Undefined for an id that is none. */
export function openSession(call: HookCall, home: string): HookSession | undefined {
  const place = hookPlace(call.folder, home);
  const target = hookFile(place.current, call.agent, call.nativeId);
  if (target === undefined) return undefined;
  const files = place.all.map((folder) => hookFile(folder, call.agent, call.nativeId) as string);
  let known: Buffer | undefined;
  const bytes = (): Buffer => {
    known ??= joined(files.map(readIfThere));
    return known;
  };

  /** The last record that begins so and can be read. */
  const last = <T>(start: string, parse: (line: string) => T | undefined): T | undefined => {
    const all = bytes();
    for (let at = all.length; at > 0; ) {
      at = all.lastIndexOf(start, at - 1);
      if (at === -1) return undefined;
      const end = all.indexOf('\n', at + 1);
      const found = parse(all.toString('utf8', at + 1, end === -1 ? all.length : end));
      if (found !== undefined) return found;
    }
    return undefined;
  };

  return {
    place,
    find: (file) => last(stampStart(file), parseStamp),
    *latest() {
      const all = bytes();
      const seen = new Set<string>();
      for (let to = all.length; to > 0; ) {
        const from = all.lastIndexOf('\n', to - 1);
        const stamp = parseStamp(all.toString('utf8', from + 1, to));
        to = from;
        if (stamp === undefined || seen.has(stamp.path)) continue;
        seen.add(stamp.path);
        yield stamp;
      }
    },
    knowledge: () => last(KNOWLEDGE_START, parseKnowledge),
    denials() {
      const all = bytes();
      const found = new Map<string, string>();
      for (let at = all.indexOf(DENIAL_START); at !== -1; at = all.indexOf(DENIAL_START, at + 1)) {
        const end = all.indexOf('\n', at + 1);
        const denial = parseDenial(all.toString('utf8', at + 1, end === -1 ? all.length : end));
        if (denial !== undefined) found.set(denial.path, denial.version);
      }
      return found;
    },
    append(records) {
      if (records.length === 0) return;
      const text = records.join('');
      append(target, text);
      known = joined([bytes(), Buffer.from(text)]);
    },
    compact() {
      if ((fs.lstatSync(target, { throwIfNoEntry: false })?.size ?? 0) < COMPACT_BYTES) return;
      replace(target, (old) => {
        const text = old.toString('utf8');
        const records = [...stampsOf(text).values()].map(stampLine);
        const knowledge = text.split('\n').findLast((line) => parseKnowledge(line) !== undefined);
        const kept = `${knowledge === undefined ? '' : `\n${knowledge}`}${records.join('')}`;
        return kept.length * 2 < text.length ? kept : undefined;
      });
    },
    forget(now) {
      const folder = path.dirname(target);
      const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
      let left = FORGOTTEN;
      for (const name of names) {
        if (!SESSION_FILE.test(name)) continue;
        const file = path.join(folder, name);
        const found = fs.lstatSync(file, { throwIfNoEntry: false });
        if (found?.isFile() !== true || now - found.mtimeMs < KEPT_MS) continue;
        fs.rmSync(file, { force: true });
        if (--left === 0) return;
      }
    },
  };
}

/** Without a copy where there is but one. */
function joined(parts: readonly Buffer[]): Buffer {
  const full = parts.filter(({ length }) => length > 0);
  return full.length === 1 ? (full[0] as Buffer) : Buffer.concat(full);
}
