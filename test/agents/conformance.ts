import type { Agent } from '../../src/agents/index.ts';
import { finding } from './support/conformance/finding.ts';
import { hostile } from './support/conformance/hostile.ts';
import { nativeForm } from './support/conformance/native.ts';
import { reading } from './support/conformance/reading.ts';
import type { Samples } from './support/conformance/sample.ts';

export {
  type Broken,
  makePlace,
  type Place,
  putText,
  type Sample,
  type Samples,
} from './support/conformance/sample.ts';

/**
 * The conformance kit: what the `Agent` contract (src/agents/agent.ts) promises, as a mocha suite that any agent can be
 * put through, with nothing but a few small transcripts of it.
 *
 * For the author of an agent:
 *
 * 1. Write the agent (`src/agents/codex` is the model), without registering it.
 * 2. Write `test/agents/<agent>/conformance.test.ts`:
 *
 *    ```ts
 *    import { myAgent } from '../../../src/agents/myAgent/index.ts';
 *    import { conforms, putText } from '../conformance.ts';
 *    import { builtIn } from '../support/conformance/builtIn.ts';
 *
 *    conforms(myAgent, {
 *      transcripts: [
 *        {
 *          name: 'a turn with a call',
 *          // Where the agent keeps the sessions of `folder`. Different numbers, different ids.
 *          put: ({ home }, folder, number) => putText(join(home, '.my-agent', `${number}.jsonl`), text(folder, number)),
 *          outline: 'user(hi) assistant(read#t1) tool(#t1) assistant(done)',
 *          counts: { prompts: 1, toolCalls: 1, reads: 1 },
 *        },
 *      ],
 *      // Every variant that the agent itself takes without a word, and then has forgotten something.
 *      broken: [{ name: 'a line without a time', code: 'no-timestamp', breaks: (text) => text.replace(/"time":\d+,/, '') }],
 *      others: builtIn,
 *    });
 *    ```
 *
 * 3. `npm run test:unit -- test/agents/<agent>/conformance.test.ts`, then register the agent in `src/agents/agents.ts`,
 *    and its samples in `test/agents/support/conformance/builtIn.ts`.
 *
 * The samples must be small, without problems, and of one branch: no sub-agents, nothing rolled back. Everything is
 * written below the system's temporary folder; no agent is started, and nothing is read from the network or from the
 * user's home.
 */
export function conforms(agent: Agent, samples: Samples): void {
  describe(`the contract of an agent, kept by ${agent.label}`, function () {
    // Several at work at once take their time: each of them is some hundred readings.
    this.timeout(60_000);
    describe('reading', () => reading(agent, samples));
    describe('hostile transcripts', () => hostile(agent, samples));
    describe('finding', () => finding(agent, samples));
    const form = agent.native;
    if (form !== undefined) describe('giving it sessions', () => nativeForm(agent, form, samples));
  });
}
