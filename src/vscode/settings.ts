import {
  type ConfigurationScope,
  ConfigurationTarget,
  type Disposable,
  type Event,
  EventEmitter,
  workspace,
} from 'vscode';
import type { DriftKind, DriftPolicies, DriftPolicy } from '../core/index.ts';
import { type SettingName, section } from './ids.ts';

/** One setting: its value for a folder, and the news that it changed. */
export interface Setting<T> extends Disposable {
  readonly name: SettingName;
  /** The value that holds for `scope` (a workspace folder's URI); a value of another type counts as the default. */
  value(scope?: ConfigurationScope): T;
  readonly onDidChange: Event<void>;
  /** Writes the value where it is set now, else into the user's settings. */
  set(value: T, scope?: ConfigurationScope): Promise<void>;
}

function setting<T>(name: SettingName, fallback: T, accepts: (value: unknown) => value is T): Setting<T> {
  const changed = new EventEmitter<void>();
  const listening = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${section}.${name}`)) changed.fire();
  });
  return {
    name,
    value(scope) {
      const value: unknown = workspace.getConfiguration(section, scope ?? null).get(name);
      return accepts(value) ? value : fallback;
    },
    onDidChange: changed.event,
    async set(value, scope) {
      const configuration = workspace.getConfiguration(section, scope ?? null);
      const held = configuration.inspect(name);
      const target =
        held?.workspaceFolderValue !== undefined
          ? ConfigurationTarget.WorkspaceFolder
          : held?.workspaceValue !== undefined
            ? ConfigurationTarget.Workspace
            : ConfigurationTarget.Global;
      await configuration.update(name, value, target);
    },
    dispose() {
      listening.dispose();
      changed.dispose();
    },
  };
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 1;
const isPolicy = (value: unknown): value is DriftPolicy =>
  value === 'ignore' || value === 'warn' || value === 'ask' || value === 'block';
const isActiveOrAll = (value: unknown): value is 'active' | 'all' => value === 'active' || value === 'all';
/** One folder's name: a setting that came with a folder must not lead out of it. */
const isFolderName = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() === value && /^(?!\.{1,2}$)[^/\\:*?"<>|]+$/.test(value);

export interface Settings extends Disposable {
  readonly enabled: Setting<boolean>;
  readonly folder: Setting<string>;
  readonly autoSave: Setting<boolean>;
  /** Which sessions are saved: the window's active one, or every live one of the folder. */
  readonly autoSaveSessions: Setting<'active' | 'all'>;
  readonly everyMessages: Setting<number>;
  readonly checkOnLoad: Setting<boolean>;
  readonly mergeAutomatically: Setting<boolean>;
  /** Characters. */
  readonly briefingLength: Setting<number>;
  readonly decorations: Setting<boolean>;
  readonly drift: Readonly<Record<DriftKind, Setting<DriftPolicy>>>;
}

export function createSettings(): Settings {
  const policy = (kind: DriftKind) => setting<DriftPolicy>(`drift.${kind}`, 'warn', isPolicy);
  const settings = {
    enabled: setting('enabled', true, isBoolean),
    folder: setting('folder', '.sessions', isFolderName),
    autoSave: setting('autoSave.enabled', true, isBoolean),
    autoSaveSessions: setting<'active' | 'all'>('autoSave.sessions', 'active', isActiveOrAll),
    everyMessages: setting('autoSave.everyMessages', 1, isCount),
    checkOnLoad: setting('checkConsistencyOnLoad', true, isBoolean),
    mergeAutomatically: setting('merge.automatic', false, isBoolean),
    briefingLength: setting('briefing.maxCharacters', 8000, isCount),
    decorations: setting('decorations.enabled', true, isBoolean),
    drift: { config: policy('config'), tools: policy('tools'), workspace: policy('workspace'), files: policy('files') },
  };
  const { drift, ...single } = settings;
  const all: readonly Disposable[] = [...Object.values(single), ...Object.values(drift)];
  return { ...settings, dispose: () => all.forEach((one) => void one.dispose()) };
}

export function driftPolicies(settings: Settings, scope: ConfigurationScope): DriftPolicies {
  const { config, tools, workspace: place, files } = settings.drift;
  return {
    config: config.value(scope),
    tools: tools.value(scope),
    workspace: place.value(scope),
    files: files.value(scope),
  };
}
