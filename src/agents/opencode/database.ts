import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isSystemError } from '../files.ts';

/** What one look takes from the database at most; others get a turn before the next one. */
const SLICE_BYTES = 256 * 1024;
const SLICE_ROWS = 100;
/** A database that is being recovered answers so for a moment. */
const ATTEMPTS = 40;
const PAUSE_MS = 25;
const [BUSY, LOCKED] = [5, 6];

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Reads a database of opencode, and nothing else. Owns the connection; never writes, and holds no transaction between two looks. */
export interface Database {
  /** The first rows of a query: as many as a slice holds, at least one. Rejects with a system error. */
  slice(sql: string, ...values: SQLInputValue[]): Promise<{ readonly rows: readonly Row[]; readonly more: boolean }>;
  close(): void;
}

/**
 * Opens a database for reading. One that no agent has open (it has no `-wal`) is read without any locks, and nothing is
 * made beside it; should an agent begin to write meanwhile, the look is taken again, as a reader of its write-ahead log,
 * who holds up no writer. The connection is closed after each use: a reader that stays keeps the agent from folding its log.
 */
export async function openDatabase(file: string): Promise<Database> {
  const sqlite = loadSqlite(file);
  const quiet = quietState(file);
  let alone = quiet !== undefined;
  let connection = open();
  let statements = new Map<string, StatementSync>();

  function open(): DatabaseSync {
    try {
      const url = pathToFileURL(file);
      if (alone) url.searchParams.set('immutable', '1');
      return new sqlite.DatabaseSync(url, { readOnly: true, timeout: 0 });
    } catch (error) {
      throw asSystemError(error, file);
    }
  }

  function look(sql: string, values: readonly SQLInputValue[]) {
    const rows: Row[] = [];
    let bytes = 0;
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, statement);
    for (const row of statement.iterate(...values)) {
      if (rows.length > 0 && (bytes >= SLICE_BYTES || rows.length >= SLICE_ROWS)) return { rows, more: true };
      rows.push(row);
      for (const value of Object.values(row)) bytes += typeof value === 'string' ? value.length : 8;
    }
    return { rows, more: false };
  }

  return {
    async slice(sql, ...values) {
      for (let attempt = 1; ; attempt += 1) {
        let found: ReturnType<typeof look> | undefined;
        let failed: unknown;
        try {
          found = look(sql, values);
        } catch (error) {
          failed = error;
        }
        if (alone && quietState(file) !== quiet) {
          alone = false;
          connection.close();
          connection = open();
          statements = new Map();
          continue;
        }
        if (found !== undefined) return found;
        const code = (failed as { readonly errcode?: unknown }).errcode;
        const isBusy = typeof code === 'number' && [BUSY, LOCKED].includes(code & 0xff);
        if (!isBusy || attempt === ATTEMPTS) throw asSystemError(failed, file);
        await wait(PAUSE_MS);
      }
    },
    close: () => connection.close(),
  };
}

/** What a database looks like that nobody has open; undefined for any other. Asked with every look, so at once: it takes microseconds. */
function quietState(file: string): string | undefined {
  try {
    const [main, log, journal] = ['', '-wal', '-journal'].map((end) => statSync(file + end, { throwIfNoEntry: false }));
    if (main === undefined || log !== undefined || journal !== undefined) return undefined;
    return `${main.ino} ${main.size} ${main.mtimeMs}`;
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Node has it from 22.5 on; bundles must not require what may be missing. Loading it warns, and only that warning is left out. */
function loadSqlite(file: string): typeof import('node:sqlite') {
  const warn = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite')) warn.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    const sqlite = process.getBuiltinModule?.('node:sqlite');
    if (sqlite !== undefined) return sqlite;
  } finally {
    process.emitWarning = warn;
  }
  throw systemError('ENOTSUP', 'this runtime has no SQLite', file);
}

/** Errors of SQLite are what a file system answers, put in other words: callers treat both alike. Anything else is a defect. */
function asSystemError(error: unknown, file: string): unknown {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR') return error;
  const known = typeof errcode === 'number' ? errcode & 0xff : 0;
  const name = known === BUSY || known === LOCKED ? 'EBUSY' : known === 14 ? 'ENOENT' : 'EIO';
  return systemError(name, (error as Error).message, file, error);
}

function systemError(code: string, message: string, path: string, cause?: unknown): Error {
  return Object.assign(new Error(`${code}: ${message}, read '${path}'`, { cause }), { code, syscall: 'read', path });
}
