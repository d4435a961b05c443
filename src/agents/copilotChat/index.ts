import type { Agent } from '../agent.ts';
import { isUuid, uuidOf } from '../uuid.ts';
import { findSessions } from './find.ts';
import { beside, layout, transcriptOf, workspaceStorages } from './places.ts';
import { chatReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { validate } from './validate.ts';
import { fork, write } from './write.ts';

export const copilotChat: Agent = {
  id: 'copilot-chat',
  label: 'Copilot Chat',
  watchRoots: workspaceStorages,
  watched: '*/chatSessions/*.{json,jsonl}',
  find: findSessions,
  recognises,
  layout,
  reader: chatReader,
  beside,
  // Which model is chosen stands in VS Code's own database, in no settings file.
  currentConfig: () => Promise.resolve({ name: 'Copilot Chat', agent_type: 'copilot-chat' }),
  native: {
    isId: isUuid,
    newId: uuidOf,
    transcriptOf,
    fork,
    write,
    validate,
    accepts: { foreignCalls: true, images: true, system: false },
    restorable: [],
  },
};
