import { resolve } from 'node:path';
import type { Agent } from '../agent.ts';
import { checkedId, interactiveWords } from '../resumeCommand.ts';
import { isUuid } from '../uuid.ts';
import { currentConfig } from './currentConfig.ts';
import { isDocumentName } from './entries.ts';
import { findSessions, transcriptOf } from './find.ts';
import { fork } from './fork.ts';
import { newId, projectsFolder, readBeside } from './places.ts';
import { geminiReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { MESSAGE_LISTS } from './records.ts';
import { validate } from './validate.ts';
import { write } from './write.ts';

export const gemini: Agent = {
  id: 'gemini',
  label: 'Gemini CLI',
  watchRoots: (where) => [resolve(projectsFolder(where))],
  watched: '*/chats/session-*',
  find: findSessions,
  recognises,
  layout: (transcript) => (isDocumentName(transcript) ? { kind: 'document', lists: MESSAGE_LISTS } : { kind: 'lines' }),
  reader: geminiReader,
  beside: readBeside,
  currentConfig,
  native: {
    isId: isUuid,
    newId,
    transcriptOf,
    fork,
    write,
    validate,
    accepts: { foreignCalls: true, images: true, system: false },
    restorable: ['llm_model'],
    resumeCommand: (nativeId, { prompt, model } = {}) => ({
      command: 'gemini',
      args: [
        ...['--resume', checkedId(nativeId)],
        ...(model === undefined ? [] : ['-m', model]),
        // Behind `--`, Gemini (0.61) passes over it in silence.
        ...interactiveWords(prompt),
      ],
    }),
  },
};
