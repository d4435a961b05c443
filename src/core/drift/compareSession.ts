import type { FileFreshness } from '../files/stamp.ts';
import type { Session } from '../session/session.ts';
import type { AgentConfig, Tool, Workspace } from '../session/snapshot.ts';
import { compareConfig, sharedFields } from './compareConfig.ts';
import { compareWorkspace } from './compareWorkspace.ts';
import type { DriftKind, DriftReport } from './report.ts';
import { compareTools } from './tools/compareTools.ts';

/** What holds now. What is absent can't be known here, and its kind is then not compared. */
export interface Now {
  /** May hold `agent_version` beside the configuration's own fields; it is compared with the recorded agent's version. */
  readonly config?: AgentConfig;
  readonly tools?: readonly Tool[];
  readonly workspace?: Workspace;
  /** The sweep of the session's read-cache. */
  readonly files?: readonly FileFreshness[];
}

/** The difference between what a session recorded and now. A session compared with itself has none. */
export function compareSession(saved: Session, now: Now): DriftReport {
  const { body } = saved;
  const recorded = {
    ...body.agent_config,
    ...(body.source?.version === undefined ? {} : { agent_version: body.source.version }),
  };
  const notCompared: DriftKind[] = [];
  if (now.config === undefined || sharedFields(recorded, now.config).length === 0) notCompared.push('config');
  if (now.tools === undefined || body.tools === undefined) notCompared.push('tools');
  if (now.workspace === undefined || body.workspace === undefined) notCompared.push('workspace');
  if (now.files === undefined) notCompared.push('files');
  return {
    config: now.config === undefined ? [] : compareConfig(recorded, now.config),
    tools:
      now.tools === undefined || body.tools === undefined ? [] : compareTools(body.tools, now.tools, saved.history),
    workspace:
      now.workspace === undefined || body.workspace === undefined
        ? []
        : compareWorkspace(body.workspace, now.workspace),
    files: now.files ?? [],
    notCompared,
  };
}
