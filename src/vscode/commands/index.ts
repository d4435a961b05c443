import { commands, type Disposable } from 'vscode';
import type { App } from '../app.ts';
import { guarded } from '../guarded.ts';
import { commandId, commandNames } from '../ids.ts';

/** Registers every command; what they do is loaded when the first of them runs. */
export function registerCommands(app: App): Disposable[] {
  return commandNames.map((name) =>
    commands.registerCommand(
      commandId(name),
      guarded(app.log, name, async (...args: readonly unknown[]) => {
        const { runCommand } = await import('../later.ts');
        return runCommand(app, name, args);
      }),
    ),
  );
}
