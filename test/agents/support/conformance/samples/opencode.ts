import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { putText, type Sample, type Samples } from '../sample.ts';
import { at, SAYS } from './words.ts';

const ms = (second: number): number => Date.parse(at(second));
const id = (kind: 'ses' | 'msg' | 'prt', number: number, record = 0): string =>
  `${kind}_${String(number).padStart(6, '0')}x${String(record).padStart(19, '0')}`;

interface Exported {
  readonly info: { readonly id: string; readonly [field: string]: unknown };
  readonly messages: readonly {
    readonly info: { readonly id: string; readonly [field: string]: unknown };
    readonly parts: readonly { readonly id: string; readonly [field: string]: unknown }[];
  }[];
}

function session(folder: string, number: number): Exported {
  const filePath = join(folder, 'hello.ts');
  const sessionID = id('ses', number);
  const answer = {
    ...{ role: 'assistant', parentID: id('msg', number, 1), mode: 'build', agent: 'build', cost: 0, finish: 'stop' },
    ...{ path: { cwd: folder, root: folder }, modelID: 'mock-model', providerID: 'mock' },
    tokens: { input: 3, output: 2, reasoning: 0, cache: { read: 0, write: 0 } },
  };
  const tool = (second: number, callID: string, name: string, input: object, output: string): object => ({
    type: 'tool',
    tool: name,
    callID,
    state: {
      status: 'completed',
      input,
      output,
      title: '',
      metadata: {},
      time: { start: ms(second), end: ms(second) },
    },
  });
  const text = (words: string): object => ({ type: 'text', text: words });
  const edit = { filePath, oldString: SAYS.edit.old, newString: SAYS.edit.new };
  const shown = `<file>\n00001| ${SAYS.content.trimEnd()}\n\n(End of file - total 1 lines)\n</file>`;
  const said: readonly (readonly [object, readonly object[]])[] = [
    [{ role: 'user', agent: 'build', model: { providerID: 'mock', modelID: 'mock-model' } }, [text(SAYS.prompt)]],
    [answer, [tool(2, 'call_1', 'read', { filePath }, shown)]],
    [answer, [text(SAYS.plan), tool(3, 'call_2', 'edit', edit, 'Edit applied successfully.')]],
    [answer, [text(SAYS.done)]],
  ];
  return {
    info: {
      ...{
        id: sessionID,
        slug: 'hello',
        projectID: 'global',
        directory: folder,
        title: SAYS.prompt,
        version: '1.18.33',
      },
      time: { created: ms(0), updated: ms(9) + number },
    },
    messages: said.map(([info, parts], index) => {
      const messageID = id('msg', number, index + 1);
      return {
        info: { id: messageID, sessionID, time: { created: ms(index + 1), completed: ms(index + 1) }, ...info },
        parts: parts.map((part, place) => ({
          ...{ id: id('prt', number, 10 * (index + 1) + place), sessionID, messageID },
          ...part,
        })),
      };
    }),
  };
}

/** The columns that are read, of the tables that are read. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS session (id text PRIMARY KEY, project_id text, parent_id text, slug text, directory text,
    title text, version text, revert text, time_created integer, time_updated integer, time_archived integer);
  CREATE TABLE IF NOT EXISTS message (id text PRIMARY KEY, session_id text, time_created integer, time_updated integer, data text);
  CREATE TABLE IF NOT EXISTS part (id text PRIMARY KEY, message_id text, session_id text, time_created integer, time_updated integer, data text);`;

async function putRows(file: string, { info, messages }: Exported): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    database.exec(TABLES);
    const time = info['time'] as { readonly created: number; readonly updated: number };
    database
      .prepare('INSERT OR REPLACE INTO session VALUES (?, ?, NULL, ?, ?, ?, ?, NULL, ?, ?, NULL)')
      .run(
        ...[info.id, 'global', 'hello', String(info['directory']), SAYS.prompt, '1.18.33', time.created, time.updated],
      );
    for (const { info: message, parts } of messages) {
      const { id: messageId, sessionID, ...data } = message;
      const { created } = message['time'] as { readonly created: number };
      const row = [created, created, JSON.stringify(data)] as const;
      database.prepare('INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?)').run(messageId, info.id, ...row);
      for (const { id: partId, sessionID: _, messageID, ...rest } of parts) {
        database
          .prepare('INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?)')
          .run(partId, messageId, info.id, created, created, JSON.stringify(rest));
      }
    }
  } finally {
    database.close();
  }
  return `${file}#${info.id}`;
}

const told = {
  outline:
    `user(${SAYS.prompt}) assistant(read#call_1) tool(#call_1) ` +
    `assistant(${SAYS.plan} edit#call_2) tool(#call_2) assistant(${SAYS.done})`,
  counts: {
    prompts: 1,
    assistantMessages: 3,
    toolCalls: 2,
    reads: 1,
    fullReads: 1,
    edits: 1,
    models: ['mock-model'],
    versions: ['1.18.33'],
    tokensIn: 9,
    tokensOut: 6,
  },
};

const rows: Sample = {
  ...{ name: 'a session in the database', ...told },
  put: ({ home }, folder, number) => putRows(join(home, '.local/share/opencode/opencode.db'), session(folder, number)),
};

const exported: Sample = {
  ...{ name: 'an exported session', ...told, elsewhere: true },
  put: ({ home }, folder, number) =>
    putText(join(home, `export-${number}.json`), JSON.stringify(session(folder, number), null, 2)),
};

type Broken = { info: Record<string, unknown>; messages: { info: Record<string, unknown>; parts: object[] }[] };

function change(edit: (session: Broken) => unknown): (text: string) => string {
  return (text) => {
    const session = JSON.parse(text) as Broken;
    edit(session);
    return JSON.stringify(session);
  };
}

/** Of the first message of a role. */
const changeMessage = (
  role: string,
  edit: (message: Broken['messages'][number]) => unknown,
): ((text: string) => string) =>
  change(({ messages }) => {
    for (const message of messages.filter(({ info }) => info['role'] === role).slice(0, 1)) edit(message);
  });

/** FORMATS 5; what an import stops at half-way, or takes without a word: AGENT-CLIS 5. */
export const opencodeSamples: Samples = {
  transcripts: [exported, rows],
  broken: [
    { name: 'a session without an id', code: 'no-session-id', breaks: change(({ info }) => delete info['id']) },
    {
      name: 'a session without its version',
      code: 'header-field-missing',
      breaks: change(({ info }) => delete info['version']),
    },
    {
      name: 'a session without messages',
      code: 'empty',
      breaks: change((session) => Object.assign(session, { messages: [] })),
    },
    {
      name: 'an answer without its tokens: the import stops behind the prompt',
      code: 'header-field-missing',
      breaks: changeMessage('assistant', ({ info }) => delete info['tokens']),
    },
    {
      name: 'a message without an id',
      code: 'no-message-id',
      breaks: changeMessage('assistant', ({ info }) => delete info['id']),
    },
    {
      name: 'a message that keeps the id of another session’s: the history is empty',
      code: 'duplicate-id',
      breaks: changeMessage('user', ({ info }) => Object.assign(info, { id: id('msg', 77, 1) })),
    },
    {
      name: 'an answer that hangs in nothing',
      code: 'broken-chain',
      breaks: changeMessage('assistant', ({ info }) => Object.assign(info, { parentID: id('msg', 77, 7) })),
    },
  ],
};
