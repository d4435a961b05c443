import { resolve } from 'node:path';
import type { Agent } from '../agent.ts';
import { checkedId, promptWords } from '../resumeCommand.ts';
import { currentConfig } from './currentConfig.ts';
import { findBase, findSessions } from './find.ts';
import { fork } from './fork.ts';
import { projectsFolder, transcriptOf } from './places.ts';
import { claudeCodeReader } from './reader.ts';
import { recognises } from './recognises.ts';

export const claudeCode: Agent = {
  id: 'claude-code',
  label: 'Claude Code',
  watchRoots: (where) => [resolve(projectsFolder(where))],
  find: findSessions,
  transcriptOf,
  recognises,
  reader: claudeCodeReader,
  baseOf: findBase,
  currentConfig,
  restorable: ['llm_model'],
  resumeCommand: (nativeId, { prompt, model } = {}) => ({
    command: 'claude',
    args: [
      ...['--resume', checkedId(nativeId)],
      ...(model === undefined ? [] : ['--model', model]),
      ...promptWords(prompt),
    ],
  }),
  fork,
};
