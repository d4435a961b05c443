import { CancellationError, env, l10n, type TerminalOptions, window } from 'vscode';
import { type Agent, agentById, nativeSession } from '../../agents/index.ts';
import { isClean, type SnapshotBody, withoutAccepted } from '../../core/index.ts';
import type { App } from '../app.ts';
import { driftSubject } from '../comparing/drift.ts';
import { openFailureError } from '../failureWords.ts';
import { guarded } from '../guarded.ts';
import { HumanError } from '../humanError.ts';
import { mirrorOf } from '../mirrorOf.ts';
import { now, type Place } from '../places.ts';
import { writeBriefing } from '../resuming/briefingFile.ts';
import { restored } from '../resuming/restoredConfig.ts';
import { type StartOptions, type TerminalStart, terminalStart } from '../resuming/terminalStart.ts';
import { showInformation } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { agentLabel } from '../views/agentFace.ts';
import type { SavedNode } from '../views/nodes.ts';
import { liveTitle } from '../views/sessionItems.ts';
import { sentence } from '../words.ts';
import { copyBriefing } from './copyBriefing.ts';
import { mustBeWritable, oneSaved, rowsOf } from './targets.ts';

/** Goes on with a session in its own agent, in a terminal of the session's folder. */
export async function resumeInTerminal(app: App, ...args: readonly unknown[]): Promise<void> {
  const row = rowsOf(app, args).find(({ kind }) => kind === 'live');
  if (row?.kind === 'live') {
    mustBeWritable(app, row.place);
    await run(row.place, liveTitle(row.live), known(row.live.agent), row.live.nativeId);
    return;
  }
  const node = await oneSaved(app, args, l10n.t('The session to resume'));
  await resumeSaved(app, node);
  void guarded(app.log, `Briefing of ${node.entry.name}`, () => offerBriefing(app, node))();
}

/** Resumes a saved session in its own agent; `briefing` is the first message. */
export async function resumeSaved(app: App, node: SavedNode, briefing?: string): Promise<void> {
  mustBeWritable(app, node.place);
  const { head } = node.entry;
  const agent = known(head?.source?.agent);
  const native = head && nativeSession(head);
  if (!native) throw notKept(node.entry.name, agent);
  if (agent.native?.isId(native.id) !== true) throw madeUp(agent, native.id);
  // The list may be older than the agent's last start.
  app.catalog.refresh();
  const live = await app.catalog.live(node.place);
  if (!live.some((one) => one.agent === native.agent && one.nativeId === native.id)) {
    const elsewhere = await agent.native?.transcriptOf(node.place.where, native.id);
    if (elsewhere !== undefined) throw keptElsewhere(node.entry.name, agent, elsewhere);
    await writeNative(node, agent, native.id);
  }
  const { body, decisions } = await saved(app, node);
  const values = restored(agent, body, decisions, await agent.currentConfig(node.place.where, node.place.path));
  await run(node.place, node.entry.name, agent, native.id, { briefing, ...values });
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
  const asked = await showInformation(
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
  await agent.native?.fork(place.where, {
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

async function run(
  place: Place,
  title: string,
  agent: Agent,
  nativeId: string,
  options: Pick<StartOptions, 'briefing' | 'model' | 'provider'> = {},
): Promise<void> {
  if (agent.native?.isId(nativeId) !== true) throw madeUp(agent, nativeId);
  const start = terminalStart(agent, nativeId, { ...options, shell: env.shell, sessionsFolder: place.sessionsFolder });
  if (!start) throw options.briefing === undefined ? madeUp(agent, nativeId) : cannotTake(agent);
  if (start.file) await writeBriefing(place, start.file.name, start.file.text);
  const terminal = window.createTerminal(terminalOptions(place, title, start));
  terminal.show();
  terminal.sendText(start.line);
}

export function terminalOptions(place: Place, title: string, start: TerminalStart): TerminalOptions {
  return { name: title, cwd: place.folder.uri, isTransient: true, ...(start.env && { env: start.env }) };
}

function cannotTake(agent: Agent): HumanError {
  return new HumanError(
    l10n.t('A briefing cannot be passed to {0} here. Copy it, and paste it into the conversation.', agent.label),
  );
}

async function saved(
  { active }: App,
  { place, entry: { name } }: SavedNode,
): Promise<Pick<ActiveSession, 'body' | 'decisions'>> {
  if (active.current && active.is(place, name)) return active.current;
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  await opened.document.close();
  const { body } = opened.document;
  return { body, decisions: body.decisions ?? [] };
}

/** Sessions of which the user was told that their agent knows nothing of the changes. */
const offered = new WeakSet<ActiveSession>();

/** Once per load: a session whose changes nobody accepted was resumed without a word about them. */
async function offerBriefing(app: App, { place, entry }: SavedNode): Promise<void> {
  const session = app.active.is(place, entry.name) ? app.active.current : undefined;
  if (!session?.report || offered.has(session)) return;
  const open = withoutAccepted(session.report, [...session.decisions]);
  if (isClean(open)) return;
  offered.add(session);
  const copy = l10n.t('Copy Briefing');
  const subject = driftSubject(open, ['files', 'config', 'tools', 'workspace']);
  const said = l10n.t(
    '{0} changed since {1} was saved, and its agent has not been told.',
    sentence(subject),
    entry.name,
  );
  if ((await showInformation(said, copy)) === copy && app.active.current === session) await copyBriefing(app);
}
