import { basename, dirname, extname, join } from 'node:path';
import { nameProblem } from '../../core/index.ts';
import { namesIn } from '../files.ts';

/** Where HelloAgents keeps the sessions of a project. */
export function sessionsFolder(folder: string): string {
  return join(folder, 'memory', 'sessions');
}

/** Absolute paths of the sessions of a project. */
export async function sessionFiles(folder: string): Promise<readonly string[]> {
  const root = sessionsFolder(folder);
  return (await namesIn(root)).filter((name) => extname(name) === '.json').map((name) => join(root, name));
}

/** The project of a session that lies where HelloAgents keeps it; its file names no folder. */
export function projectOf(transcript: string): string | undefined {
  const sessions = dirname(transcript);
  const memory = dirname(sessions);
  return basename(sessions) === 'sessions' && basename(memory) === 'memory' ? dirname(memory) : undefined;
}

/** Letters, digits and `. _ -`, as in `s-20261121-004939-df74c765`; it is also a file's name. */
export function isId(id: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,127}$/.test(id) && nameProblem(id) === undefined;
}

/** As HelloAgents makes them: `s-`, date and time (here of UTC), 8 hex digits. */
export function newId(ms: number, hash: string): string {
  const date = new Date(Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? ms : 0);
  const [day = '', time = ''] = date
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .split('T');
  return `s-${day.slice(-8)}-${time}-${hash.slice(0, 8)}`;
}
