export type * from './agent.ts';
export { agentById, agents, detectAgent } from './agents.ts';
export { applyPatch, type FilePatch, parsePatch } from './codex/applyPatch.ts';
export {
  type Follower,
  type FollowOptions,
  followTranscript,
  type PollOutcome,
} from './followTranscript.ts';
export { goesOn } from './goesOn.ts';
export { estimateTokens } from './handOver/estimateTokens.ts';
export * from './handOver/giveSession.ts';
export {
  type Folders,
  type HandedOver,
  type HandOverOptions,
  type HandOverReport,
  handOver,
} from './handOver/handOver.ts';
export type { Reduction } from './handOver/reduce.ts';
export { type ImportOptions, type ImportOutcome, importTranscript } from './importTranscript.ts';
export { type McpServer, mcpFile, withMcpServer } from './mcp/mcpServer.ts';
export { type ChatMessage, toChatMessages } from './messages/toChatMessages.ts';
export { followedSession, type NativeSession, nativeSession } from './nativeSession.ts';
export { offloadBlobs } from './offload.ts';
export { resolvePath } from './paths.ts';
export * from './protection/applyPlan.ts';
export * from './protection/hookPlace.ts';
export * from './protection/hookProgram.ts';
export * from './protection/hookStamps.ts';
export * from './protection/hookState.ts';
export * from './protection/protectedAgents.ts';
export * from './protection/protection.ts';
export { type SeenBeforeOptions, seenBefore } from './protection/seenBefore.ts';
export { fileOf, readerOptions, readRecords } from './readRecords.ts';
export { type ReadSnapshot, readSnapshotFile, type SnapshotTarget } from './readSnapshotFile.ts';
export type { PumpOptions, ReadPosition } from './readTranscript.ts';
export { boundOptions, isModelName, isProviderName, restoreOptions } from './resumeCommand.ts';
export { type SeenVersions, seenTexts, seenVersions } from './seenVersions.ts';
export * as shape from './shape.ts';
export { type ShellRead, type SimpleCommand, shellReads, splitCommands } from './shell.ts';
export { isUuid } from './uuid.ts';
