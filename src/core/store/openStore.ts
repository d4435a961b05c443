import path from 'node:path';
import { getBlob, putBlob } from './disk/blobs.ts';
import { sessionFiles } from './disk/files.ts';
import { mirrorDocument } from './disk/mirrorDocument.ts';
import { mirrorRaw } from './disk/mirrorRaw.ts';
import { forkSession } from './forkSession.ts';
import { freeVariant, validName } from './freeName.ts';
import { journalAppender } from './journal/appendJournal.ts';
import { foldSession } from './journal/foldSession.ts';
import { LEASE_PERIODS, type LeasePeriods } from './lease/lease.ts';
import { leaseKeeper } from './lease/takeLease.ts';
import { readerFinder } from './list/findReaders.ts';
import { sessionLister } from './list/listSessions.ts';
import { deleteSession, listTrash, renameSession, restoreSession } from './moveSession.ts';
import { nameProblem } from './name.ts';
import { saveSession } from './saveSession.ts';
import type { OpenFailure, SessionDocument, SessionStore } from './sessionStore.ts';
import { type Marks, type MarksOutcome, marksEvents } from './setMarks.ts';
import { openDocument } from './snapshot/openDocument.ts';
import { isInside, type StoreContext } from './storeContext.ts';

export interface StoreOptions {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  /** Relative path inside of it. Default: `.sessions`. */
  readonly sessionsFolder?: string;
  /** ms since the epoch */
  readonly now: () => number;
  /** At least 8 hex digits that do not repeat. */
  readonly random: () => string;
  /** Default: a beat every 5 s, stale after 30 s. All processes that use a folder have the same. */
  readonly leasePeriods?: LeasePeriods;
}

/** Opens the sessions of a workspace folder. Reads nothing and creates nothing until asked. */
export function openStore(options: StoreOptions): SessionStore {
  const queues = new Map<string, Promise<unknown>>();
  const background = new Set<Promise<unknown>>();
  const folder = path.resolve(options.folder);
  const context: StoreContext = {
    folder,
    root: path.resolve(folder, options.sessionsFolder ?? '.sessions'),
    now: options.now,
    random: options.random,
    oneByOne: (name, work) => {
      const result = (queues.get(name) ?? Promise.resolve()).then(work, work);
      queues.set(name, result);
      const forget = () => {
        if (queues.get(name) === result) queues.delete(name);
      };
      result.then(forget, forget);
      return result;
    },
    later: (work) => {
      background.add(work);
      // One that failed by a defect stays, and shows at `close`.
      work.then(
        () => background.delete(work),
        () => undefined,
      );
    },
  };
  const { root } = context;
  const appender = journalAppender(context);
  const lister = sessionLister(context);
  const finder = readerFinder(context);
  const leases = leaseKeeper(context, options.leasePeriods ?? LEASE_PERIODS);
  const folding = new Set<string>();

  const open = async (
    name: string,
  ): Promise<{ readonly kind: 'open'; readonly document: SessionDocument } | OpenFailure> => {
    const problem = nameProblem(name);
    if (problem) return { kind: 'invalid-name', problem };
    if (!(await isInside(folder, root))) return { kind: 'missing' };
    return openDocument(sessionFiles(root, name));
  };

  const setMarks = async (name: string, marks: Marks): Promise<MarksOutcome> => {
    const asked = marksEvents(marks);
    if (asked.kind !== 'events') return asked;
    const opened = await open(name);
    if (opened.kind === 'unreadable') return { kind: 'read-only', problems: opened.problems };
    if (opened.kind !== 'open') return opened;
    await opened.document.close();
    if (asked.events.length === 0) return { kind: 'marked' };
    const outcome = await appender.append(name, asked.events);
    if (outcome.kind !== 'appended') return outcome;
    if ((await leases.holder(opened.document.body.session_id)) === undefined) context.later(foldSession(context, name));
    return { kind: 'marked' };
  };

  return {
    root,
    list: lister.list,
    open,
    load: async (name) => {
      const opened = await open(name);
      if (opened.kind !== 'open') return opened;
      const { document } = opened;
      try {
        const session = await document.toSession();
        const { readOnly, recovered, problems } = document;
        return { kind: 'loaded', session, readOnly, recovered, problems };
      } finally {
        await document.close();
      }
    },
    save: async (name, session, expected) => {
      const outcome = await saveSession(context, name, session, expected);
      await appender.release(name);
      return outcome;
    },
    append: async (name, events) => {
      const { wantsFold, ...outcome } = await appender.append(name, events);
      if (wantsFold && !folding.has(name)) {
        folding.add(name);
        // One that fails leaves the journal, and the next append asks again.
        context.later(foldSession(context, name).finally(() => folding.delete(name)));
      }
      return outcome;
    },
    fold: async (name, expected) => {
      const outcome = await foldSession(context, name, expected);
      await appender.release(name);
      return outcome;
    },
    fork: async (name, fork) => {
      const outcome = await forkSession(context, name, fork);
      if (outcome.kind === 'forked') context.later(outcome.settled);
      return outcome;
    },
    rename: async (name, to) => {
      await appender.release(name);
      return renameSession(context, name, to);
    },
    setMarks,
    delete: async (name) => {
      await appender.release(name);
      return deleteSession(context, name);
    },
    listTrash: () => listTrash(context),
    restore: (id) => restoreSession(context, id),
    freeName: (from) => freeVariant(root, validName(from)),
    putBlob: (bytes) => putBlob(context, bytes),
    getBlob: (blob) => getBlob(context, blob),
    mirrorRaw: (sessionId, transcript, read) => mirrorRaw(context, sessionId, transcript, read),
    mirrorDocument: (sessionId, text, mirroring) => mirrorDocument(context, sessionId, text, mirroring),
    readers: finder.readers,
    takeLease: leases.take,
    leaseHolder: leases.holder,
    close: async () => {
      await leases.close();
      await Promise.all(background);
      await appender.close();
      await lister.close();
      await finder.close();
    },
  };
}
