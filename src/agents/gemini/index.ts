import { resolve } from 'node:path';
import type { Agent } from '../agent.ts';
import { currentConfig } from './currentConfig.ts';
import { findSessions } from './find.ts';
import { projectsFolder, readBeside } from './places.ts';
import { geminiReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { MESSAGE_LISTS } from './records.ts';

export const gemini: Agent = {
  id: 'gemini',
  label: 'Gemini CLI',
  watchRoots: (where) => [resolve(projectsFolder(where))],
  watched: '*/chats/session-*',
  find: findSessions,
  recognises,
  layout: (transcript) =>
    transcript.toLowerCase().endsWith('.json') ? { kind: 'document', lists: MESSAGE_LISTS } : { kind: 'lines' },
  reader: geminiReader,
  beside: readBeside,
  currentConfig,
};
