import type { Agent } from '../agent.ts';
import { CONTAINERS } from './containers.ts';
import { messagesReader } from './reader.ts';
import { recognises } from './recognises.ts';

/**
 * Plain arrays of messages, as programs save them. They lie anywhere, so none are looked for; they are written by
 * `export`, and by no hand-over.
 */
export const messages: Agent = {
  id: 'messages',
  label: 'Messages',
  watchRoots: () => [],
  watched: '*.json',
  find: () => Promise.resolve([]),
  recognises,
  layout: () => ({ kind: 'document', lists: CONTAINERS }),
  reader: messagesReader,
  currentConfig: () => Promise.resolve({}),
};
