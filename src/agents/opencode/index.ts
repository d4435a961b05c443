import type { Agent, ResumeOptions } from '../agent.ts';
import { currentConfig } from './currentConfig.ts';
import { findSessions } from './find.ts';
import { fork } from './fork.ts';
import { checkedSessionId, isSessionId, newId } from './ids.ts';
import { layoutOf } from './layout.ts';
import { dataFolder, transcriptOf } from './places.ts';
import { opencodeReader } from './reader.ts';
import { recognises } from './recognises.ts';
import { validate } from './validate.ts';
import { write } from './write.ts';

export const opencode: Agent = {
  id: 'opencode',
  label: 'opencode',
  watchRoots: (where) => [dataFolder(where)],
  // Not `storage`: versions that wrote files are long past, and watching theirs would mean all below it.
  watched: '{opencode.db,opencode.db-wal}',
  find: findSessions,
  recognises,
  layout: layoutOf,
  reader: opencodeReader,
  currentConfig,
  native: {
    isId: isSessionId,
    newId,
    transcriptOf,
    fork,
    write,
    validate,
    accepts: { foreignCalls: true, images: true, system: false },
    restorable: ['llm_model', 'llm_provider'],
    resumeCommand: (nativeId, options = {}) => ({
      command: 'opencode',
      args: ['--session', checkedSessionId(nativeId), ...modelWords(options), ...promptWords(options)],
    }),
  },
};

/** opencode names a model together with its provider. */
function modelWords({ model, provider }: ResumeOptions): readonly string[] {
  if (model === undefined) return [];
  return ['--model', provider === undefined ? model : `${provider}/${model}`];
}

/**
 * The full interface (1.18) shows a session and passes over the prompt in silence; the minimal one sends it. What stands
 * alone is a folder to start in; behind `=` a text is none, nor an option, whatever it begins with.
 */
function promptWords({ prompt }: ResumeOptions): readonly string[] {
  return prompt === undefined ? [] : ['--mini', `--prompt=${prompt}`];
}
