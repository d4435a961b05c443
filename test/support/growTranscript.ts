import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

/** Adds a prompt and its answer to a transcript of Claude Code, as the agent does: two messages. */
export function growTranscript(transcript: string, prompt: string): void {
  const lines = fs.readFileSync(transcript, 'utf8').trimEnd().split('\n');
  const last = lines.map((line) => JSON.parse(line)).findLast((line) => line.uuid !== undefined);
  const hex = (): string => randomBytes(4).toString('hex');
  const id = (n: number) => `${hex()}-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const common = {
    isSidechain: false,
    userType: 'external',
    cwd: last.cwd,
    sessionId: last.sessionId,
    version: last.version,
    gitBranch: '',
  };
  const asked = {
    ...common,
    parentUuid: last.uuid,
    type: 'user',
    message: { role: 'user', content: prompt },
    uuid: id(1),
    timestamp: new Date().toISOString(),
  };
  const answered = {
    ...common,
    parentUuid: asked.uuid,
    type: 'assistant',
    message: {
      id: `msg_${hex()}`,
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-5',
      content: [{ type: 'text', text: `Done: ${prompt}` }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
    uuid: id(2),
    timestamp: new Date().toISOString(),
  };
  fs.appendFileSync(transcript, `${JSON.stringify(asked)}\n${JSON.stringify(answered)}\n`);
}
