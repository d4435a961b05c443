import { randomUUID } from 'node:crypto';
import { CancellationError, l10n, type TerminalOptions, window } from 'vscode';
import { type Agent, agentById } from '../../agents/index.ts';
import type { SnapshotBody } from '../../core/index.ts';
import type { App } from '../app.ts';
import { HumanError } from '../humanError.ts';
import { agentHome, now, type Place } from '../places.ts';
import { mirrorOf } from '../seenText.ts';
import type { SavedNode } from '../views/nodes.ts';
import { agentLabel, liveTitle } from '../views/sessionItems.ts';
import { openFailureError, writeFailureError } from '../words.ts';
import { mustBeWritable, oneSaved, rowsOf } from './targets.ts';

/** Goes on with a session in its own agent, in a terminal of the session's folder. */
export async function resumeInTerminal(app: App, ...args: readonly unknown[]): Promise<void> {
  const live = rowsOf(app, args).find((row) => row.kind === 'live');
  if (live) {
    mustBeWritable(app, live.place);
    run(live.place, liveTitle(live.live), known(live.live.agent), live.live.nativeId);
    return;
  }
  const node = await oneSaved(app, args, l10n.t('The session to resume'));
  mustBeWritable(app, node.place);
  const agent = known(node.entry.head?.source?.agent);
  const nativeId = (await nativeSession(app, node)) ?? (await writeNative(app, node, agent));
  run(node.place, node.entry.name, agent, nativeId);
}

function known(id: string | undefined): Agent {
  const agent = id === undefined ? undefined : agentById(id);
  if (!agent)
    throw new HumanError(
      l10n.t('This session is of {0}, which this version cannot start in a terminal.', agentLabel(id)),
    );
  return agent;
}

/** The agent's own session that this snapshot follows, if it is still there; a fork has none until it is written. */
async function nativeSession(app: App, { place, entry }: SavedNode): Promise<string | undefined> {
  const { source } = entry.head ?? {};
  if (source?.native_id === undefined || (await isParents(app, place, entry.head))) return undefined;
  app.catalog.refresh();
  const live = await app.catalog.live(place);
  return live.find((one) => one.agent === source.agent && one.nativeId === source.native_id)?.nativeId;
}

/** A fork keeps its parent's source until it is resumed for the first time. */
async function isParents(app: App, place: Place, head: SavedNode['entry']['head']): Promise<boolean> {
  if (!head?.parent) return false;
  return app.autoSave.sharesSource(place, head);
}

async function writeNative(app: App, { place, entry }: SavedNode, agent: Agent): Promise<string> {
  const { name } = entry;
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  const { document } = opened;
  let body: SnapshotBody;
  let upTo: number | undefined;
  try {
    ({ body } = document);
    const [last] = await document.messages(Math.max(0, document.messageCount - 1), document.messageCount);
    upTo = last?.raw?.to ?? body.source?.raw?.bytes;
  } finally {
    await document.close();
  }
  const raw = mirrorOf(place, body);
  if (raw === undefined || !body.source)
    throw new HumanError(
      l10n.t('{0} cannot be resumed in {1}: the agent’s own transcript was not kept with it.', name, agent.label),
    );
  const write = l10n.t('Write and Resume');
  const asked = await window.showInformationMessage(
    body.parent
      ? l10n.t(
          'To resume the fork {0}, {1} needs a session of its own. Holdfast writes it from the parent’s transcript; nothing that exists is changed.',
          name,
          agent.label,
        )
      : l10n.t(
          '{0} does not have the session {1} any more. Holdfast writes it again from the saved transcript, under a new id.',
          agent.label,
          name,
        ),
    write,
  );
  if (asked !== write) throw new CancellationError();
  const written = await agent.fork(agentHome(), {
    raw,
    ...(upTo !== undefined && { upTo }),
    folder: place.path,
    newId: randomUUID(),
    title: name,
    now: now(),
  });
  const source = { ...body.source, native_id: written.nativeId, transcript: written.transcript };
  const outcome = await place.store.append(name, [{ type: 'head', set: { source } }]);
  if (outcome.kind !== 'appended') throw writeFailureError(name, outcome);
  app.catalog.refresh();
  return written.nativeId;
}

/** What a shell takes as it is, in every shell: nothing that came from a file needs quoting, or it is refused. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._:@/-]*$|^--?[A-Za-z][A-Za-z0-9-]*$/;

function run(place: Place, title: string, agent: Agent, nativeId: string): void {
  const { command, args } = agent.resumeCommand(nativeId);
  const words = [command, ...args];
  if (!words.every((word) => PLAIN.test(word)))
    throw new HumanError(
      l10n.t('The id of this session is not one that {0} makes, so no command was run: {1}', agent.label, nativeId),
    );
  const options: TerminalOptions = { name: title, cwd: place.folder.uri, isTransient: true };
  const terminal = window.createTerminal(options);
  terminal.show();
  terminal.sendText(words.join(' '));
}
