import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { handOver, toChatMessages } from '../../agents/index.ts';
import { inlineBlobs, type Message, type SessionDocument, snapshotText, toHelloAgents } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { type Ending, failed, openFailed, thrownSystemError } from '../ending.ts';
import { headMarkdown, messageMarkdown } from '../markdown.ts';
import { plainLine, safeJson } from '../plain.ts';
import { pages } from './show.ts';

type Format = 'holdfast' | 'helloagents' | 'messages' | 'markdown';

export interface ExportOptions {
  readonly format: Format;
  readonly output?: string;
  readonly force?: boolean;
}

/** One self-contained file: blobs stand where the snapshot only names them. */
export async function exportSession(context: Context, name: string, options: ExportOptions): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { document } = opened;
  try {
    const chunks = exported(context, document, options.format);
    if (options.output !== undefined)
      return await toFile(context, name, chunks, { ...options, output: options.output });
    if (context.json && options.format === 'markdown') {
      let text = '';
      for await (const chunk of chunks) text += chunk;
      return { kind: 'done', json: { name, format: options.format, text }, text: '' };
    }
    const safe = options.format === 'markdown' ? (chunk: string) => chunk : safeJson;
    for await (const chunk of chunks) {
      if (context.io.closed()) break;
      await context.io.out(safe(chunk));
    }
    return { kind: 'written' };
  } finally {
    await document.close();
  }
}

async function* exported(context: Context, document: SessionDocument, format: Format): AsyncGenerator<string> {
  switch (format) {
    case 'holdfast':
      yield* snapshotText(document, context.store);
      return;
    case 'helloagents':
      yield `${JSON.stringify(toHelloAgents(await document.toSession()), null, 2)}\n`;
      return;
    case 'messages':
      yield* chatMessages(context, document);
      return;
    case 'markdown': {
      yield headMarkdown(document.name, document.body, document.messageCount);
      let number = 0;
      for await (const message of pages(context, document, 0, document.messageCount)) {
        number += 1;
        yield messageMarkdown(await inlineBlobs(message, context.store), number);
      }
    }
  }
}

/** OpenAI's chat messages, one per line; calls keep the names that they have. */
async function* chatMessages(context: Context, document: SessionDocument): AsyncGenerator<string> {
  const history: Message[] = [];
  for await (const message of pages(context, document, 0, document.messageCount)) {
    history.push(await inlineBlobs(message, context.store));
  }
  const accepts = { foreignCalls: true, images: true, system: true };
  const ready = await handOver(history, { from: 'messages', to: 'messages', accepts });
  const messages = toChatMessages(ready.history);
  yield '[';
  for (const [index, message] of messages.entries()) yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(message)}`;
  yield '\n]\n';
}

async function replace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    await rm(from, { force: true });
    throw error;
  }
}

function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function toFile(
  context: Context,
  name: string,
  chunks: AsyncIterable<string>,
  options: ExportOptions & { readonly output: string },
): Promise<Ending> {
  const file = resolve(context.io.cwd, options.output);
  // A forced export replaces the old file only when the new one is whole.
  const target = options.force === true ? `${file}.${context.io.random()}.tmp` : file;
  let bytes = 0;
  try {
    const handle = await open(target, 'wx', 0o600);
    try {
      for await (const chunk of chunks) {
        await handle.appendFile(chunk);
        bytes += Buffer.byteLength(chunk);
      }
      await handle.sync();
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    if (target !== file) await replace(target, file);
  } catch (error) {
    const failure = thrownSystemError(error, file);
    if (failure.reason === 'ENOENT') return failed('no-folder', dirname(file));
    if (!isErrorCode(error, 'EEXIST')) return failure;
    return (await isFolder(file)) ? failed('not-a-file', file) : failed('exists', file, 'forceable');
  }
  return {
    kind: 'done',
    json: { name, format: options.format, file, bytes },
    text: plainLine(`Exported "${name}" to ${file}.`),
  };
}
