export { type BriefingFacts, composeBriefing } from './drift/briefing/briefing.ts';
export { type GatherOptions, gatherBriefing } from './drift/briefing/gatherBriefing.ts';
export { canonicalJson } from './drift/canonical.ts';
export { compareSession, type Now } from './drift/compareSession.ts';
export {
  countDrift,
  type DriftCounts,
  type DriftDecision,
  decide,
  differingKinds,
  isClean,
  isStale,
} from './drift/decide.ts';
export { decisionOn, withoutAccepted } from './drift/decisions.ts';
export { escapeLine, escapeText } from './drift/escapeText.ts';
export { readWorkspace } from './drift/readWorkspace.ts';
export { withoutCredentials } from './drift/remote.ts';
export type {
  ConfigChange,
  DriftEffect,
  DriftKind,
  DriftPolicies,
  DriftPolicy,
  DriftReport,
  ParameterChange,
  ToolChange,
  WorkspaceChange,
} from './drift/report.ts';
export { type AffectedMessage, affectedMessages, withCallers } from './drift/tools/affectedMessages.ts';
export { toolHash, toolSchemaHash } from './drift/tools/toolHash.ts';
export { toolListing } from './drift/tools/toolListing.ts';
export { type BindOptions, bindTouches } from './files/bindTouches.ts';
export { type FindMovedOptions, findMoved } from './files/freshness/findMoved.ts';
export { judge } from './files/freshness/judge.ts';
export { createPulse, type Pulse, type PulseOptions } from './files/freshness/pulse.ts';
export { type SweepOptions, sweep } from './files/freshness/sweep.ts';
export { type FileWatcher, MAX_WATCHED, watchFiles } from './files/freshness/watchFiles.ts';
export { editRequest, readRequest, writeRequest } from './files/guard/fileRequests.ts';
export { createGuard, type GuardOptions } from './files/guard/guard.ts';
export type * from './files/guard/guardTypes.ts';
export { MAX_FILE_BYTES } from './files/guard/target.ts';
export { type Bases, createBases } from './files/merge/bases.ts';
export { type Merged, mergeVersions, type Versions } from './files/merge/mergeVersions.ts';
export { normaliseText, textSha256 } from './files/normalise.ts';
export { createPacer, type Pacer } from './files/pacer.ts';
export { createReadCache, type ReadCache } from './files/readCache.ts';
export { listRecovered, type RecoveredVersion } from './files/replace/listRecovered.ts';
export { recoverDisplaced } from './files/replace/recoverDisplaced.ts';
export type * from './files/stamp.ts';
export type { FileTouch } from './files/touch.ts';
export {
  ioFailure,
  openFile,
  readVersion,
  type StampOutcome,
  sha256,
  stampFile,
  toEntry,
  toStamp,
  type Version,
} from './files/version.ts';
export { applyEvents } from './session/applyEvents.ts';
export { cutHistory } from './session/cutHistory.ts';
export { type SessionEvent, sessionEvent } from './session/event.ts';
export { inlineBlobs } from './session/inlineBlobs.ts';
export * from './session/message.ts';
export { countTurns, messageText } from './session/messageText.ts';
export { nextRevision } from './session/nextRevision.ts';
export { isMessage, parseMessage } from './session/parseMessage.ts';
export type { Problem, ProblemCode } from './session/problem.ts';
export { INTERRUPTED, repairHistory } from './session/repairHistory.ts';
export type { Session } from './session/session.ts';
export * from './session/snapshot.ts';
export { type HelloAgentsSession, toHelloAgents } from './session/toHelloAgents.ts';
export { addUsage, NO_USAGE, sumUsage, totalTokens } from './session/usage.ts';
export type * from './store/lease/lease.ts';
export { mirrorPath } from './store/mirrorPath.ts';
export { MAX_NAME_BYTES, type NameProblem, nameProblem } from './store/name.ts';
export { openStore, type StoreOptions } from './store/openStore.ts';
export { newSessionId } from './store/sessionId.ts';
export type * from './store/sessionStore.ts';
export type * from './store/setMarks.ts';
export { MAX_TAG_CHARACTERS, tagProblem } from './store/setMarks.ts';
export { snapshotText } from './store/snapshot/snapshotText.ts';
