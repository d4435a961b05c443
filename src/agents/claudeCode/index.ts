import { resolve } from 'node:path';
import type { Agent } from '../agent.ts';
import { checkedId, promptWords } from '../resumeCommand.ts';
import { isUuid, uuidOf } from '../uuid.ts';
import { currentConfig } from './currentConfig.ts';
import { findBase, findSessions } from './find.ts';
import { fork } from './fork.ts';
import { projectsFolder, transcriptOf } from './places.ts';
import { claudeCodeReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { validate } from './validate.ts';
import { write } from './write.ts';

export const claudeCode: Agent = {
  id: 'claude-code',
  label: 'Claude Code',
  watchRoots: (where) => [resolve(projectsFolder(where))],
  watched: '**/*.jsonl',
  find: findSessions,
  recognises,
  layout: () => ({ kind: 'lines' }),
  reader: claudeCodeReader,
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
    restorable: ['llm_model'],
    resumeCommand: (nativeId, { prompt, model } = {}) => ({
      command: 'claude',
      args: [
        ...['--resume', checkedId(nativeId)],
        ...(model === undefined ? [] : ['--model', model]),
        ...promptWords(prompt),
      ],
    }),
  },
};
