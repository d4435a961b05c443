export type * from './agent.ts';
export { agentById, agents, detectAgent } from './agents.ts';
export {
  type Follower,
  type FollowOptions,
  followTranscript,
  type PollOutcome,
} from './followTranscript.ts';
export { goesOn } from './goesOn.ts';
export * from './handOver/giveSession.ts';
export * from './handOver/handOver.ts';
export { type ImportOptions, type ImportOutcome, importTranscript } from './importTranscript.ts';
export { type NativeSession, nativeSession } from './nativeSession.ts';
export { offloadBlobs } from './offload.ts';
export * from './protection/protection.ts';
export { fileOf, readerOptions, readRecords } from './readRecords.ts';
export { type ReadSnapshot, readSnapshotFile, type SnapshotTarget } from './readSnapshotFile.ts';
export { type PumpOptions, pump, type ReadPosition, readBase } from './readTranscript.ts';
export { isModelName, isProviderName, restoreOptions } from './resumeCommand.ts';
export { type SeenVersions, seenTexts, seenVersions } from './seenVersions.ts';
export { isUuid } from './uuid.ts';
