import type { Workspace } from '../session/snapshot.ts';
import { withoutCredentials } from './remote.ts';
import type { WorkspaceChange } from './report.ts';

/**
 * Folder (by its last name: where it lies differs between machines), git head, branch and remote. What was not
 * recorded is not compared, nor is git where it can't be asked now (`now.git` absent; an empty `git` says "no
 * repository").
 */
export function compareWorkspace(saved: Workspace, now: Workspace): readonly WorkspaceChange[] {
  const changes: WorkspaceChange[] = [];
  const add = (field: WorkspaceChange['field'], was: string | undefined, is: string | undefined): void => {
    if (was !== undefined && was !== is) changes.push({ field, saved: was, now: is });
  };
  add('folder', lastName(saved.folder), lastName(now.folder));
  if (saved.git !== undefined && now.git !== undefined) {
    add('head', saved.git.head, now.git.head);
    add('branch', saved.git.branch, now.git.branch);
    add('remote', cleaned(saved.git.remote), cleaned(now.git.remote));
  }
  return changes;
}

/** The last name of a path of any platform. */
function lastName(folder: string): string {
  return folder.split(/[/\\]/).findLast((name) => name !== '') ?? folder;
}

function cleaned(remote: string | undefined): string | undefined {
  return remote === undefined ? undefined : withoutCredentials(remote);
}
