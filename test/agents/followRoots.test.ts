import assert from 'node:assert/strict';
import { isAbsolute, relative, sep } from 'node:path';
import { agents } from '../../src/agents/index.ts';

describe('what is watched for an agent', () => {
  const home = '/home/ada';
  for (const agent of agents) {
    it(`is no whole home folder, and nothing above it: ${agent.label}`, () => {
      for (const root of agent.watchRoots({ home, env: {} }, '/home/ada/work/shop')) {
        assert.ok(isAbsolute(root), root);
        const way = relative(root, home);
        assert.ok(way !== '' && (way === '..' || way.startsWith(`..${sep}`)), root);
      }
      assert.ok(agent.watched !== '**' && agent.watched !== '**/*', agent.watched);
    });
  }
});
