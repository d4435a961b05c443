import type { Agent } from '../agent.ts';
import { currentConfig } from './currentConfig.ts';
import { findSessions } from './find.ts';
import { dataFolder, inDatabase, isInTree } from './places.ts';
import { opencodeReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { rowsOf } from './rows.ts';

export const opencode: Agent = {
  id: 'opencode',
  label: 'opencode',
  watchRoots: (where) => [dataFolder(where)],
  // Not `storage`: versions that wrote files are long past, and watching theirs would mean all below it.
  watched: '{opencode.db,opencode.db-wal}',
  find: findSessions,
  recognises,
  layout: (transcript) =>
    inDatabase(transcript) !== undefined || isInTree(transcript)
      ? rowsOf(transcript)
      : { kind: 'document', lists: ['messages'] },
  reader: opencodeReader,
  currentConfig,
};
