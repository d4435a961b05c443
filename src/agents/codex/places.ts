import { basename, dirname, join } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { namesIn } from '../files.ts';

export function codexHome(where: AgentHome): string {
  return where.env?.['CODEX_HOME'] || join(where.home, '.codex');
}

export function sessionsFolder(where: AgentHome): string {
  return join(codexHome(where), 'sessions');
}

const ROLLOUT = /^rollout-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/i;

/** The thread's id in the name of a rollout. */
export function rolloutId(file: string): string | undefined {
  return ROLLOUT.exec(basename(file))?.[1];
}

/** Absolute paths of all rollouts below `sessions/YYYY/MM/DD`, newest day and time first. */
export async function rollouts(sessions: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const year of await folders(sessions, /^\d{4}$/)) {
    for (const month of await folders(year, /^\d{2}$/)) {
      for (const day of await folders(month, /^\d{2}$/)) {
        const names = (await namesIn(day)).filter((name) => ROLLOUT.test(name));
        files.push(
          ...names
            .sort()
            .reverse()
            .map((name) => join(day, name)),
        );
      }
    }
  }
  return files;
}

async function folders(parent: string, pattern: RegExp): Promise<readonly string[]> {
  const names = (await namesIn(parent)).filter((name) => pattern.test(name));
  return names
    .sort()
    .reverse()
    .map((name) => join(parent, name));
}

/** The rollout of another thread: beside this one, anywhere in the same store, or archived. */
export async function rolloutOf(id: string, near: string): Promise<string | undefined> {
  const suffix = `-${id.toLowerCase()}.jsonl`;
  const here = dirname(near);
  const beside = (await namesIn(here)).find((name) => name.toLowerCase().endsWith(suffix));
  if (beside !== undefined) return join(here, beside);
  const sessions = dirname(dirname(dirname(here)));
  const found = (await rollouts(sessions)).find((file) => file.toLowerCase().endsWith(suffix));
  if (found !== undefined) return found;
  const archive = join(dirname(sessions), 'archived_sessions');
  const archived = (await namesIn(archive)).find((name) => name.toLowerCase().endsWith(suffix));
  return archived === undefined ? undefined : join(archive, archived);
}

/** Codex finds a thread by its id on any day. */
export async function transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined> {
  const wanted = nativeId.toLowerCase();
  return (await rollouts(sessionsFolder(where))).find((file) => rolloutId(file)?.toLowerCase() === wanted);
}

/** Where Codex would put a new rollout: folders and name by local time, `now` in ms since the epoch. */
export function rolloutPlace(where: AgentHome, id: string, now: number): string {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [year, month, day] = [String(date.getFullYear()), two(date.getMonth() + 1), two(date.getDate())] as const;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('-');
  return join(sessionsFolder(where), year, month, day, `rollout-${year}-${month}-${day}T${time}-${id}.jsonl`);
}
