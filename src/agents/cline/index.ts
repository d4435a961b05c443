import type { Agent } from '../agent.ts';
import { beside } from './beside.ts';
import { currentConfig } from './currentConfig.ts';
import { findSessions } from './find.ts';
import { isSessionId, newSessionId, watchRoots } from './places.ts';
import { taskReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { transcriptOf, validate } from './validate.ts';
import { fork, write } from './write.ts';

export const cline: Agent = {
  id: 'cline',
  label: 'Cline',
  watchRoots,
  watched: '*/*.json',
  find: findSessions,
  recognises,
  // One for both: a mirror has lost its name.
  layout: () => ({ kind: 'document', lists: ['messages'] }),
  reader: (options) => taskReader(cline, options),
  beside,
  currentConfig,
  native: {
    isId: isSessionId,
    newId: newSessionId,
    transcriptOf,
    fork,
    write,
    validate,
    accepts: { foreignCalls: true, images: false, system: false },
    restorable: ['llm_model', 'llm_provider'],
    // A first message on the command line is passed over in silence where a session is resumed (3.0.65).
    withoutPrompt: true,
    resumeCommand(nativeId, { model, provider } = {}) {
      if (!isSessionId(nativeId)) throw new Error(`not a session id: ${JSON.stringify(nativeId.slice(0, 80))}`);
      return {
        command: 'cline',
        args: [
          ...['-i', '--id', nativeId],
          ...(provider === undefined ? [] : ['-P', provider]),
          ...(model === undefined ? [] : ['-m', model]),
        ],
      };
    },
  },
};
