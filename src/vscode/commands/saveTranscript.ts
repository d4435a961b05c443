import { CancellationError, l10n, ProgressLocation, window } from 'vscode';
import { type AgentId, agents, type ImportOutcome, importTranscript } from '../../agents/index.ts';
import type { SessionEntry, SnapshotBody } from '../../core/index.ts';
import type { App } from '../app.ts';
import { HumanError } from '../humanError.ts';
import { now, type Place, random } from '../places.ts';
import { listed, messageCount, problemsText, writeFailureError } from '../words.ts';

/** Reading less than this takes no time that a person would notice. */
const LONG_BYTES = 4 * 1024 * 1024;

export interface Saved {
  readonly name: string;
  readonly revision: number;
  readonly messages: number;
}

/**
 * Reads a transcript and saves it under `name`: a new session, or the next revision of `over`, which keeps what the
 * user gave it. Cancelling leaves nothing half done.
 */
export async function saveTranscript(
  app: App,
  place: Place,
  options: {
    readonly file: string;
    readonly bytes: number;
    readonly title: string;
    readonly agent?: AgentId;
    readonly over?: SessionEntry;
    /** Asked once the transcript is known, where the name depends on it. */
    readonly name: string | ((title: string | undefined) => Promise<string>);
  },
): Promise<Saved> {
  const long = options.bytes > LONG_BYTES;
  return window.withProgress(
    {
      location: long ? ProgressLocation.Notification : ProgressLocation.Window,
      title: options.title,
      cancellable: long,
    },
    async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort(new CancellationError()));
      let told = 0;
      const imported = await importTranscript(options.file, {
        ...(options.agent && { agent: options.agent }),
        store: place.store,
        folder: place.path,
        now,
        random,
        signal: stop.signal,
        ...(options.over?.head && { sessionId: options.over.head.session_id }),
        onProgress: (bytes, of) => {
          const percent = Math.floor((bytes / Math.max(1, of)) * 100);
          if (percent === told) return;
          progress.report({ increment: percent - told, message: l10n.t('{0} %', percent) });
          told = percent;
        },
      });
      if (imported.kind !== 'imported') throw importError(options.file, imported);
      const { session, problems } = imported;
      for (const problem of problems) app.log.warn(`${options.file}: ${problemsText([problem])}`);
      const { title } = session.body;
      const name = typeof options.name === 'string' ? options.name : await options.name(title);
      const body: SnapshotBody = { ...session.body, ...kept(options.over), name };
      const outcome = await place.store.save(name, { ...session, body }, options.over?.head?.revision);
      if (outcome.kind !== 'saved') throw writeFailureError(name, outcome);
      app.catalog.refresh();
      return { name, revision: outcome.revision, messages: session.history.length };
    },
  );
}

function importError(file: string, failure: Exclude<ImportOutcome, { kind: 'imported' }>): HumanError {
  switch (failure.kind) {
    case 'unrecognised':
      return new HumanError(
        l10n.t('{0} is not a transcript of an agent that Holdfast knows ({1}). Nothing was imported.', file, agentNames()),
      );
    case 'unreadable':
      return new HumanError(
        l10n.t('{0} was not imported: {1}. The file is unchanged.', file, problemsText(failure.problems)),
      );
  }
}

function agentNames(): string {
  return listed(agents.map(({ label }) => label));
}

/** What belongs to the user, not to the transcript. */
function kept(over: SessionEntry | undefined): Partial<SnapshotBody> {
  const head = over?.head;
  if (!head) return {};
  return {
    session_id: head.session_id,
    created_at: head.created_at,
    ...(head.tags && { tags: head.tags }),
    ...(head.parent && { parent: head.parent }),
  };
}

export function savedText(saved: Saved): string {
  return saved.revision > 1
    ? l10n.t('Saved {0}: {1}, revision {2}.', saved.name, messageCount(saved.messages), saved.revision)
    : l10n.t('Saved {0}: {1}.', saved.name, messageCount(saved.messages));
}
