export type * from './agent.ts';
export { agentById, agents, detectAgent } from './agents.ts';
export { type ImportOptions, type ImportOutcome, importTranscript } from './importTranscript.ts';
export { type PumpOptions, pump, type ReadPosition, readBase } from './readTranscript.ts';
