import type { SessionEvent } from '../../session/event.ts';
import { foldEvents, idsOf } from '../../session/foldEvents.ts';
import type { Message } from '../../session/message.ts';
import { parseMessage } from '../../session/parseMessage.ts';
import type { Problem } from '../../session/problem.ts';
import type { SnapshotBody } from '../../session/snapshot.ts';
import * as disk from '../disk/disk.ts';
import { codeOf, pacer, type SessionFiles } from '../disk/files.ts';
import { type JournalContent, readJournal } from '../journal/readJournal.ts';
import type { OpenFailure, SessionDocument } from '../sessionStore.ts';
import { type HistoryIndex, readRange } from './indexHistory.ts';
import { type FoldedJournal, foldedJournals, withFolded } from './layout.ts';
import { readSnapshot, type Snapshot } from './readSnapshot.ts';

/** Journals beside a snapshot that are not part of it yet, oldest first. */
export interface Pending {
  readonly events: readonly SessionEvent[];
  readonly folded: readonly FoldedJournal[];
  readonly recovered: { readonly events: number; readonly of: number };
  readonly problems: readonly Problem[];
}

/** The events of journals that belong to a snapshot and that `body` does not include yet. */
export function pendingEvents(body: SnapshotBody, journals: readonly (JournalContent | undefined)[]): Pending {
  const events: SessionEvent[] = [];
  const folded: FoldedJournal[] = [];
  const problems: Problem[] = [];
  let [found, of] = [0, 0];
  for (const journal of journals) {
    if (!journal) continue;
    const { header } = journal;
    if (header && ![header.session_id, header.base_session_id].includes(body.session_id)) {
      problems.push({ code: 'missing-reference', detail: header.session_id });
      continue;
    }
    const done = foldedJournals(body).find(({ journal: id }) => id === header?.journal_id)?.bytes ?? 0;
    if (header && done < journal.bytes) folded.push({ journal: header.journal_id, bytes: journal.bytes });
    if (done >= journal.bytes && journal.bytes > 0) continue;
    journal.events.forEach((event, index) => {
      if ((journal.ends[index] ?? 0) > done) events.push(event);
    });
    found += journal.events.length;
    of += journal.of;
    problems.push(...journal.problems);
  }
  return { events, folded, recovered: { events: found, of }, problems };
}

/** Snapshot and journals of one moment: read again when another process folded in between. */
export async function readSessionFiles(
  files: SessionFiles,
): Promise<{ readonly snapshot: Snapshot; readonly journals: readonly JournalContent[] } | OpenFailure> {
  for (let tries = 0; ; tries++) {
    const result = await readSnapshot(files.snapshot);
    switch (result.kind) {
      case 'missing':
        return { kind: 'missing' };
      case 'unreadable':
        return { kind: 'unreadable', file: files.snapshot, problems: result.problems };
      case 'snapshot':
        break;
      default:
        result satisfies never;
    }
    const { snapshot } = result;
    try {
      // This order sees a journal that is set aside for folding meanwhile twice rather than not at all.
      const journal = await readJournal(files.journal);
      const folding = await readJournal(files.folding);
      const now = await disk.inodeOf(files.snapshot);
      if (now === snapshot.ino || tries === 10) {
        const journals = [folding, journal?.ino === folding?.ino ? undefined : journal].filter(
          (each) => each !== undefined,
        );
        return { snapshot, journals };
      }
    } catch (error) {
      await snapshot.file.close();
      const code = codeOf(error);
      if (code === undefined) throw error;
      // A journal that is a link or a folder, or that may not be read: without it the session would be another.
      return { kind: 'unreadable', file: files.journal, problems: [{ code: 'unreadable', detail: code }] };
    }
    await snapshot.file.close();
  }
}

const PAGE_BYTES = 4 << 20;

/** Reads messages [from, to) of a file by its index, in slices. */
export async function* readMessages(
  snapshot: Snapshot,
  index: HistoryIndex,
  from: number,
  to: number,
): AsyncGenerator<{ readonly at: number; readonly message: Message; readonly problem?: Problem }> {
  const pace = pacer();
  for (let at = from; at < to; ) {
    const base = index.start(at);
    let next = at + 1;
    while (next < to && index.end(next) - base <= PAGE_BYTES) next++;
    const bytes = await readRange(snapshot.file, base, index.end(next - 1));
    for (; at < next; at++) {
      yield { at, ...parseMessage(bytes.subarray(index.start(at) - base, index.end(at) - base), at) };
      await pace();
    }
  }
}

/** Opens a snapshot with its journals folded in, in memory only. */
export async function openDocument(
  files: SessionFiles,
): Promise<{ readonly kind: 'open'; readonly document: SessionDocument } | OpenFailure> {
  const read = await readSessionFiles(files);
  if ('kind' in read) return read;
  const { snapshot, journals } = read;
  try {
    const pending = pendingEvents(snapshot.body, journals);
    const index = await snapshot.index(idsOf(pending.events));
    const problems: Problem[] = [...snapshot.problems, ...pending.problems];
    if (index.truncated && !problems.some(({ code }) => code === 'truncated')) problems.push({ code: 'truncated' });
    const places = index.own ? index.places : await findPlaces(snapshot, index, pending.events);
    const { body, plan } = foldEvents(snapshot.body, index.count, (id) => places.get(id), pending.events);
    const messageCount = plan.keep + plan.tail.length;
    const told = new Set<string>();
    const messages = async (from: number, to: number): Promise<readonly Message[]> => {
      const [first, end] = [Math.max(0, from), Math.min(to, messageCount)];
      const page: Message[] = [];
      for await (const { at, message, problem } of readMessages(snapshot, index, first, Math.min(end, plan.keep))) {
        page.push(plan.replaced.get(at) ?? message);
        if (problem && !plan.replaced.has(at) && !told.has(`${problem.detail}`)) {
          told.add(`${problem.detail}`);
          problems.push(problem);
        }
      }
      for (let at = Math.max(first, plan.keep); at < end; at++) {
        const message = plan.tail[at - plan.keep];
        if (message) page.push(message);
      }
      return page;
    };
    const document: SessionDocument = {
      name: files.name,
      body: withFolded({ ...body, name: files.name, revision: body.revision ?? 0 }, pending.folded),
      messageCount,
      readOnly: snapshot.readOnly || index.truncated,
      recovered: pending.recovered,
      problems,
      messages,
      toSession: async () => {
        const history = await messages(0, messageCount);
        noteDuplicates(history, problems);
        return { body: document.body, history };
      },
      close: () => snapshot.file.close(),
    };
    return { kind: 'open', document };
  } catch (error) {
    await snapshot.file.close();
    throw error;
  }
}

/** Where ids stand first in a file whose lines do not start with them. */
export async function findPlaces(
  snapshot: Snapshot,
  index: HistoryIndex,
  events: readonly SessionEvent[],
): Promise<ReadonlyMap<string, number>> {
  const wanted = idsOf(events);
  const places = new Map<string, number>();
  if (wanted.size === 0) return places;
  for await (const { at, message } of readMessages(snapshot, index, 0, index.count)) {
    if (wanted.has(message.id) && !places.has(message.id)) places.set(message.id, at);
  }
  return places;
}

function noteDuplicates(history: readonly Message[], problems: Problem[]): void {
  const seen = new Set<string>();
  const told = new Set(problems.filter(({ code }) => code === 'duplicate-id').map(({ detail }) => detail));
  for (const { id } of history) {
    if (seen.has(id) && !told.has(id)) {
      told.add(id);
      problems.push({ code: 'duplicate-id', detail: id });
    }
    seen.add(id);
  }
}
