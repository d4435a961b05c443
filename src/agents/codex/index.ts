import { resolve } from 'node:path';
import type { Agent } from '../agent.ts';
import { checkedId, promptWords } from '../resumeCommand.ts';
import { isUuid, uuidOf } from '../uuid.ts';
import { boundTo } from './boundTo.ts';
import { currentConfig } from './currentConfig.ts';
import { findBase, findSessions } from './find.ts';
import { fork } from './fork.ts';
import { sessionsFolder, transcriptOf } from './places.ts';
import { codexReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { validate } from './validate.ts';
import { write } from './write.ts';

export const codex: Agent = {
  id: 'codex',
  label: 'Codex',
  watchRoots: (where) => [resolve(sessionsFolder(where))],
  watched: '**/*.jsonl',
  find: findSessions,
  recognises,
  layout: () => ({ kind: 'lines' }),
  reader: codexReader,
  baseOf: findBase,
  currentConfig,
  native: {
    isId: isUuid,
    newId: uuidOf,
    transcriptOf,
    fork,
    write,
    validate: (transcript) => validate(transcript),
    accepts: { foreignCalls: true, images: true, system: false },
    boundTo,
    restorable: ['llm_model', 'llm_provider'],
    resumeCommand: (nativeId, { prompt, model, provider } = {}) => ({
      command: 'codex',
      args: [
        ...['resume', checkedId(nativeId)],
        ...(model === undefined ? [] : ['-m', model]),
        // Codex takes what is no TOML value for a text.
        ...(provider === undefined ? [] : ['-c', `model_provider=${provider}`]),
        ...promptWords(prompt),
      ],
    }),
  },
};
