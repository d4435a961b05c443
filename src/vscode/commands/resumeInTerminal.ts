import { CancellationError, l10n, type TerminalOptions, window } from 'vscode';
import { type Agent, agentById, isUuid, nativeSession } from '../../agents/index.ts';
import type { SnapshotBody } from '../../core/index.ts';
import type { App } from '../app.ts';
import { mirrorOf } from '../editing/seenText.ts';
import { openFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import { agentHome, now, type Place } from '../places.ts';
import type { SavedNode } from '../views/nodes.ts';
import { agentLabel, liveTitle } from '../views/sessionItems.ts';
import { mustBeWritable, oneSaved, rowsOf } from './targets.ts';

/** Goes on with a session in its own agent, in a terminal of the session's folder. */
export async function resumeInTerminal(app: App, ...args: readonly unknown[]): Promise<void> {
  const row = rowsOf(app, args).find(({ kind }) => kind === 'live');
  if (row?.kind === 'live') {
    mustBeWritable(app, row.place);
    run(row.place, liveTitle(row.live), known(row.live.agent), row.live.nativeId);
    return;
  }
  const node = await oneSaved(app, args, l10n.t('The session to resume'));
  mustBeWritable(app, node.place);
  const { head } = node.entry;
  const agent = known(head?.source?.agent);
  const native = head && nativeSession(head);
  if (!native) throw notKept(node.entry.name, agent);
  if (!isUuid(native.id)) throw madeUp(agent, native.id);
  // The list may be older than the agent's last start.
  app.catalog.refresh();
  const live = await app.catalog.live(node.place);
  if (!live.some((one) => one.agent === native.agent && one.nativeId === native.id)) {
    const elsewhere = await agent.transcriptOf(agentHome(), native.id);
    if (elsewhere !== undefined) throw keptElsewhere(node.entry.name, agent, elsewhere);
    await writeNative(node, agent, native.id);
  }
  run(node.place, node.entry.name, agent, native.id);
  app.catalog.refresh();
}

function known(id: string | undefined): Agent {
  const agent = id === undefined ? undefined : agentById(id);
  if (!agent)
    throw new HumanError(
      l10n.t('This session is of {0}, which this version cannot start in a terminal.', agentLabel(id)),
    );
  return agent;
}

function notKept(name: string, agent: Agent): HumanError {
  return new HumanError(
    l10n.t('{0} cannot be resumed in {1}: the agent’s own transcript was not kept with it.', name, agent.label),
  );
}

/** The agents find a session by its id in any folder: a second one of this id would be mistaken for it. */
function keptElsewhere(name: string, agent: Agent, transcript: string): HumanError {
  return new HumanError(
    l10n.t(
      '{0} keeps the transcript of {1} for another folder ({2}). Resume it there, or fork {1} and resume the fork here.',
      agent.label,
      name,
      transcript,
    ),
  );
}

/** Writes the agent's session from the bytes that were kept, after asking once. */
async function writeNative({ place, entry }: SavedNode, agent: Agent, newId: string): Promise<void> {
  const { name } = entry;
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  const { document } = opened;
  let body: SnapshotBody;
  let upTo: number | undefined;
  try {
    ({ body } = document);
    const [last] = await document.messages(Math.max(0, document.messageCount - 1), document.messageCount);
    // A fork ends with its last message, not with its parent's transcript.
    upTo = body.parent ? last?.raw?.to : body.source?.raw?.bytes;
  } finally {
    await document.close();
  }
  const raw = mirrorOf(place, body);
  if (raw === undefined || upTo === undefined) throw notKept(name, agent);
  const write = l10n.t('Write and Resume');
  const asked = await window.showInformationMessage(
    body.parent
      ? l10n.t(
          'To resume the fork {0}, {1} needs a session of its own. Holdfast writes it from the parent’s transcript; nothing that exists is changed.',
          name,
          agent.label,
        )
      : l10n.t(
          '{0} does not have the session {1} any more. Holdfast writes it again from the saved transcript.',
          agent.label,
          name,
        ),
    write,
  );
  if (asked !== write) throw new CancellationError();
  await agent.fork(agentHome(), {
    raw,
    upTo: Math.min(upTo, body.source?.raw?.bytes ?? upTo),
    folder: place.path,
    newId,
    title: body.title ?? name,
    now: now(),
  });
}

/** The id comes from a file that anybody may have written, and would become part of a command line. */
function madeUp(agent: Agent, id: string): HumanError {
  return new HumanError(
    l10n.t('The id of this session is not one that {0} makes, so no command was run: {1}', agent.label, id),
  );
}

/** What every shell takes as it is; anything else that came from a file is refused, so nothing needs quoting. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$|^--?[A-Za-z][A-Za-z0-9-]*$/;

function run(place: Place, title: string, agent: Agent, nativeId: string): void {
  const { command, args } = agent.resumeCommand(nativeId);
  const words = [command, ...args];
  if (!isUuid(nativeId) || !words.every((word) => PLAIN.test(word))) throw madeUp(agent, nativeId);
  const options: TerminalOptions = { name: title, cwd: place.folder.uri, isTransient: true };
  const terminal = window.createTerminal(options);
  terminal.show();
  terminal.sendText(words.join(' '));
}
