import { agents, type LiveSession } from '../../agents/index.ts';
import type { SessionEntry } from '../../core/index.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../ending.ts';
import { counted, isoTime, type ProblemJson, parentJson, problemsJson, table } from '../shapes.ts';
import { problemWords } from '../words.ts';

interface Row {
  /** Null for a live session. */
  readonly name: string | null;
  readonly session_id: string | null;
  readonly agent: string | null;
  /** `live`: an agent's own session, `session_id` is then its native id. `unreadable`: see `problems`. */
  readonly state: string;
  readonly title: string | null;
  readonly saved_at: string | null;
  readonly changed_at: string | null;
  readonly message_count: number | null;
  readonly tags: readonly string[];
  readonly pinned: boolean;
  readonly archived: boolean;
  readonly parent: { readonly session_id: string; readonly message: number } | null;
  readonly problems: readonly ProblemJson[];
}

export async function list(context: Context, options: { readonly live?: boolean }): Promise<Ending> {
  const saved = (await context.store.list()).map(savedRow);
  const live = options.live === true ? await liveRows(context) : [];
  const rows = [...saved, ...live];
  return { kind: 'done', json: { sessions: rows }, text: text(rows) };
}

function savedRow(entry: SessionEntry): Row {
  const { head } = entry;
  return {
    name: entry.name,
    session_id: head?.session_id ?? null,
    agent: head?.source?.agent ?? null,
    state: head === undefined ? 'unreadable' : (head.state ?? 'saved'),
    title: head?.title ?? null,
    saved_at: head?.saved_at ?? null,
    changed_at: isoTime(entry.changedAt),
    message_count: head?.message_count ?? null,
    tags: head?.tags ?? [],
    pinned: head?.pinned === true,
    archived: head?.archived === true,
    parent: parentJson(head?.parent),
    problems: problemsJson(entry.problems),
  };
}

async function liveRows({ agentHome, folder }: Context): Promise<readonly Row[]> {
  const found = await Promise.all(agents.map((agent) => agent.find(agentHome, folder)));
  return found
    .flat()
    .sort((a, b) => b.changedAt - a.changedAt)
    .map(liveRow);
}

function liveRow(live: LiveSession): Row {
  return {
    name: null,
    session_id: live.nativeId,
    agent: live.agent,
    state: 'live',
    title: live.title ?? null,
    saved_at: null,
    changed_at: isoTime(live.changedAt),
    message_count: null,
    tags: [],
    pinned: false,
    archived: false,
    parent: null,
    problems: problemsJson(live.problems),
  };
}

function text(rows: readonly Row[]): string {
  if (rows.length === 0) return 'No sessions here. Live ones: holdfast list --live';
  return table([
    ['NAME', 'AGENT', 'MESSAGES', 'CHANGED', 'NOTE'],
    ...rows.map((row) => [
      row.name ?? `${row.agent}:${row.session_id}`,
      row.agent ?? '',
      row.message_count === null ? '' : String(row.message_count),
      row.changed_at ?? '',
      note(row),
    ]),
  ]);
}

function note(row: Row): string {
  const [first, ...more] = row.problems;
  if (row.state === 'unreadable' || first !== undefined) {
    const what = first === undefined || more.length > 0 ? counted(row.problems.length, 'problem') : words(first);
    return row.state === 'unreadable' ? `unreadable: ${what}` : what;
  }
  const marks = [
    ...(row.pinned ? ['pinned'] : []),
    ...(row.archived ? ['archived'] : []),
    ...row.tags.map((tag) => `#${tag}`),
  ];
  const what = row.parent === null ? row.title : `fork at message ${row.parent.message}`;
  return [...marks, ...(what === null ? [] : [what])].join(' ');
}

function words({ code, detail }: ProblemJson): string {
  return problemWords(detail === null ? { code } : { code, detail });
}
