import type { Agent } from '../agent.ts';
import { findSessions, transcriptOf } from './find.ts';
import { isId, newId, sessionsFolder } from './places.ts';
import { helloAgentsReader, LISTS } from './reader.ts';
import { recognises } from './recognises.ts';
import { validate } from './validate.ts';
import { fork, write } from './write.ts';

/** HelloAgents is a library: a program of its own loads a session by its path (`agent.load_session(path)`). */
export const helloAgents: Agent = {
  id: 'helloagents',
  label: 'HelloAgents',
  watchRoots: (_where, folder) => [sessionsFolder(folder)],
  watched: '*.json',
  find: findSessions,
  recognises,
  layout: () => ({ kind: 'document', lists: LISTS }),
  reader: helloAgentsReader,
  // What it runs with is in the program that starts it.
  currentConfig: () => Promise.resolve({}),
  native: {
    isId,
    newId,
    transcriptOf,
    fork,
    write,
    validate,
    accepts: { foreignCalls: false, images: false, system: true },
    restorable: [],
  },
};
