import { join } from 'node:path';
import type { Agent } from '../agent.ts';
import { beside } from '../cline/beside.ts';
import { isRooTask } from '../cline/recognises.ts';
import { userFolders } from '../codeUser.ts';
import { EXTENSIONS, findTasks } from './find.ts';
import { rooReader } from './reader.ts';

export const rooCode: Agent = {
  id: 'roo-code',
  label: 'Roo Code',
  watchRoots: (where) =>
    userFolders(where).flatMap((user) =>
      EXTENSIONS.map((extension) => join(user, 'globalStorage', extension, 'tasks')),
    ),
  watched: '*/*.json',
  find: findTasks,
  recognises: isRooTask,
  layout: () => ({ kind: 'document', lists: [] }),
  reader: (options) => rooReader(rooCode, options),
  beside,
  // What it would run with stands in VS Code's own database.
  currentConfig: () => Promise.resolve({ name: 'Roo Code', agent_type: 'roo-code' }),
  // A running extension keeps its list of tasks in memory, and there is no command line: it is given no sessions.
};
