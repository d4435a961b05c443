import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NativeProblem, RecordPlace, TranscriptCounts, TranscriptReader } from '../../../../src/agents/agent.ts';
import { type Agent, type AgentHome, readerOptions, readRecords } from '../../../../src/agents/index.ts';

/** A small conversation, as the agent itself would keep it. */
export interface Sample {
  /** What it is, as words after "of". */
  readonly name: string;
  /**
   * Writes it where the agent keeps the sessions of `folder`, under the given home, and answers the transcript's
   * absolute path. Two different numbers give two sessions of different ids.
   */
  readonly put: (where: AgentHome, folder: string, number: number) => Promise<string>;
  /** Roles and texts of the conversation (see `outline`): `user(hi) assistant(Read#t1) tool(#t1) assistant(done)`. */
  readonly outline: string;
  /** Those that the sample is about. */
  readonly counts: Partial<TranscriptCounts>;
  /** `find` does not list it: an export, or a file that may lie anywhere. */
  readonly elsewhere?: boolean;
  /** Absent: `layout` says it. Records of rows are mutated as the agent's reader gets them, never in the database. */
  readonly isRows?: boolean;
}

/** One way to break a good transcript, and what `validate` is to say of it. */
export interface Broken {
  /** What is wrong, as words after "finds". */
  readonly name: string;
  readonly code: NativeProblem['code'];
  /** The text of a transcript that `write` made, broken. */
  readonly breaks: (text: string) => string;
}

export interface Samples {
  readonly transcripts: readonly Sample[];
  /** Of an agent that has a native form: the failures that the agent itself would pass over in silence. */
  readonly broken?: readonly Broken[];
  /** Agents whose transcripts are not to be taken for this one's, and theirs for this one's. */
  readonly others?: readonly { readonly agent: Agent; readonly transcripts: readonly Sample[] }[];
}

/** A home and a folder of their own, below the system's temporary folder; `remove` takes them away. */
export interface Place {
  readonly where: AgentHome;
  readonly folder: string;
  readonly root: string;
  remove(): Promise<void>;
}

export async function makePlace(): Promise<Place> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-conforms-')));
  const [home, folder, userData] = ['home', 'work/shop', 'user-data/User'].map((name) => join(root, name));
  if (home === undefined || folder === undefined || userData === undefined) throw new Error('unreachable');
  for (const made of [home, folder, userData]) await mkdir(made, { recursive: true });
  return { where: { home, env: {}, userData }, folder, root, remove: () => rm(root, { recursive: true, force: true }) };
}

/** For samples that are one text: `file` is absolute. */
export async function putText(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

export interface PlacedRecord {
  readonly text: string;
  readonly at: RecordPlace;
}

/** The records of a transcript, as its agent's reader gets them. */
export async function recordsOf(agent: Agent, transcript: string): Promise<readonly PlacedRecord[]> {
  const records: PlacedRecord[] = [];
  const recorder = { push: (text: string, at: RecordPlace) => void records.push({ text, at }) };
  await readRecords(agent, transcript, recorder as unknown as TranscriptReader);
  return records;
}

/** A reader that has read all these records. */
export async function readAll(
  agent: Agent,
  transcript: string,
  records: readonly PlacedRecord[],
): Promise<TranscriptReader> {
  const reader = agent.reader(await readerOptions(agent, transcript));
  for (const { text, at } of records) reader.push(text, at);
  return reader;
}
