import { resolve } from 'node:path';
import type { Agent } from '../agent.ts';
import { checkedId, interactiveWords } from '../resumeCommand.ts';
import { isUuid, uuidOf } from '../uuid.ts';
import { currentConfig } from './currentConfig.ts';
import { findSessions } from './find.ts';
import { fork } from './fork.ts';
import { readBeside, sessionsFolder, transcriptOf } from './places.ts';
import { copilotCliReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { validate } from './validate.ts';
import { write } from './write.ts';

export const copilotCli: Agent = {
  id: 'copilot-cli',
  label: 'GitHub Copilot CLI',
  watchRoots: (where) => [resolve(sessionsFolder(where))],
  watched: '{*.jsonl,*/events.jsonl}',
  find: findSessions,
  recognises,
  layout: () => ({ kind: 'lines' }),
  reader: copilotCliReader,
  beside: readBeside,
  currentConfig,
  native: {
    isId: isUuid,
    newId: uuidOf,
    transcriptOf,
    fork,
    write,
    validate,
    accepts: { foreignCalls: true, images: true, system: false },
    restorable: ['llm_model'],
    resumeCommand: (nativeId, { prompt, model } = {}) => ({
      command: 'copilot',
      args: [
        ...['--resume', checkedId(nativeId)],
        ...(model === undefined ? [] : ['--model', model]),
        ...interactiveWords(prompt),
      ],
    }),
  },
};
