import assert from 'node:assert/strict';
import { agents } from '../../src/agents/index.ts';
import { conforms } from './conformance.ts';
import { builtIn } from './support/conformance/builtIn.ts';

for (const { agent, ...samples } of builtIn) conforms(agent, { ...samples, others: builtIn });

describe('the conformance kit', () => {
  it('is run on every registered agent, in the order in which they are asked', () => {
    assert.deepEqual(
      builtIn.map(({ agent }) => agent.id),
      agents.map(({ id }) => id),
    );
  });
});
