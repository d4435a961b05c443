import { workspace } from 'vscode';
import { type AgentId, PROTECTED_AGENTS, protectionState } from '../../agents/index.ts';
import type { Catalog } from '../catalog.ts';
import type { ContextKey } from '../contextKey.ts';
import type { Place, Places } from '../places.ts';
import type { Settings } from '../settings.ts';
import { hookOptions, keepHookProgram } from './hookProgram.ts';

interface Parts {
  readonly places: Places;
  readonly catalog: Catalog;
  readonly settings: Settings;
  readonly unprotected: ContextKey;
  readonly extensionPath: string;
}

/** Finds out whether an agent works in a folder of this window whose edits nothing checks; the view's title says so. */
export async function lookForUnprotected(parts: Parts): Promise<void> {
  const { places, catalog, settings, unprotected } = parts;
  if (!workspace.isTrusted) return;
  const [first] = places.all();
  // Where agents start the program of an older version, they start this one's from now on.
  if (first) await keepHookProgram(parts, first, { onlyNewer: true });
  for (const place of places.all()) {
    if (!settings.enabled.value(place.folder.uri)) continue;
    for (const agent of new Set((await catalog.live(place)).map((live) => live.agent)))
      if (await isUnprotected(place, agent)) {
        unprotected.set(true);
        return;
      }
  }
  unprotected.set(false);
}

async function isUnprotected(place: Place, id: AgentId): Promise<boolean> {
  const agent = PROTECTED_AGENTS.find((one) => one === id);
  if (agent === undefined) return false;
  for (const scope of ['project', 'user'] as const) {
    const state = await protectionState({ ...hookOptions(place), agent, scope });
    if (state === 'installed' || state === 'disabled') return false;
  }
  return true;
}
