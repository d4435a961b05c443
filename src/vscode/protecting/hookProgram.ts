import { join } from 'node:path';
import { l10n } from 'vscode';
import { hookCommand, installHookProgram, nodeForHooks, type ProtectionOptions } from '../../agents/index.ts';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';

/** The same for every agent and scope. */
export function hookOptions({ path, where }: Place): Pick<ProtectionOptions, 'folder' | 'where' | 'command'> {
  return { folder: path, where, command: hookCommand(where) };
}

/** The hooks are a Node program, which agents start from the person's shell. */
export async function mustHaveNode({ where }: Place): Promise<void> {
  const node = await nodeForHooks(where.env ?? {});
  switch (node.kind) {
    case 'found':
      return;
    case 'too-old':
      throw new HumanError(
        l10n.t(
          'Edit protection needs Node.js 20.12 or newer; the “node” on the PATH is {0}. Nothing was changed.',
          node.version,
        ),
      );
    case 'missing':
      throw new HumanError(
        l10n.t('Edit protection needs Node.js: there is no “node” on the PATH. Nothing was changed.'),
      );
  }
}

/** Puts the program where the agents' settings name it; it lies outside of the extension, which an update replaces. */
export async function keepHookProgram(
  { extensionPath }: { readonly extensionPath: string },
  { where }: Place,
  options: { readonly onlyNewer?: boolean } = {},
): Promise<void> {
  await installHookProgram(where, join(extensionPath, 'dist'), options);
}
