import { commands, type DataTransfer, type TreeDragAndDropController, Uri } from 'vscode';
import { commandId } from '../ids.ts';
import type { Node } from './nodes.ts';

/** A transcript file dropped on the view is imported. */
export class DropImport implements TreeDragAndDropController<Node> {
  readonly dragMimeTypes: readonly string[] = [];
  readonly dropMimeTypes: readonly string[] = ['text/uri-list'];

  async handleDrop(target: Node | undefined, data: DataTransfer): Promise<void> {
    const list = (await data.get('text/uri-list')?.asString()) ?? '';
    const uris = list
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => Uri.parse(line))
      .filter((uri) => uri.scheme === 'file' || uri.scheme === 'vscode-remote')
      // In a remote window the extension runs where the files are.
      .map((uri) => Uri.file(uri.path));
    if (uris.length > 0) await commands.executeCommand(commandId('import'), uris, target?.place);
  }
}
