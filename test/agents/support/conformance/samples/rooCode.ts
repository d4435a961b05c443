import { join } from 'node:path';
import { putText, type Sample, type Samples } from '../sample.ts';
import { taskMessages } from './cline.ts';
import { SAYS, uuid } from './words.ts';

function task(name: string, messages: readonly object[], outline: string, counts: Sample['counts']): Sample {
  return {
    name,
    async put({ userData = '' }, folder, number) {
      const root = join(userData, 'globalStorage/rooveterinaryinc.roo-cline/tasks', uuid(number));
      const item = {
        id: uuid(number),
        number,
        ts: 1_795_000_000_000,
        task: SAYS.prompt,
        workspace: folder,
        mode: 'code',
      };
      await putText(join(root, 'history_item.json'), JSON.stringify(item));
      return putText(join(root, 'api_conversation_history.json'), JSON.stringify(messages, null, 1));
    },
    outline,
    counts: { prompts: 1, toolCalls: 1, reads: 1, fullReads: 1, edits: 0, ...counts },
  };
}

const said = `assistant(read_file#call_1_0) tool(#call_1_0) assistant(${SAYS.done})`;

/** FORMATS 6.3. */
export const rooCodeSamples: Samples = {
  transcripts: [task('a task', taskMessages(), `user(${SAYS.prompt}) ${said}`, { assistantMessages: 2 })],
};
