import { l10n } from 'vscode';
import {
  type AgentId,
  agents,
  goesOn,
  type ImportOutcome,
  importTranscript,
  readSnapshotFile,
} from '../../agents/index.ts';
import { nextRevision, type Session, type SessionEntry } from '../../core/index.ts';
import type { App } from '../app.ts';
import { openFailureError, problemsText, writeFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import { bytesText, longWork } from '../longWork.ts';
import { now, type Place, random } from '../places.ts';
import { listed, messageCount } from '../words.ts';

export interface Saved {
  readonly name: string;
  readonly revision: number;
  readonly messages: number;
}

/**
 * Reads a transcript and saves it under `name`: a new session, or the next revision of `over`, which keeps what the
 * user gave it. Cancelling leaves nothing half done: it works until the transcript was read, and is too late afterwards.
 */
export async function saveTranscript(
  app: App,
  place: Place,
  options: {
    readonly file: string;
    readonly title: string;
    readonly agent?: AgentId;
    readonly over?: SessionEntry;
    /** Asked once the transcript is known, where the name depends on it. */
    readonly name: string | ((title: string | undefined) => Promise<string>);
  },
): Promise<Saved> {
  return longWork(options.title, async ({ signal, tell }) => {
    const imported = await importTranscript(options.file, {
      ...(options.agent && { agent: options.agent }),
      store: place.store,
      folder: place.path,
      now,
      random,
      signal,
      ...(options.over?.head && { sessionId: options.over.head.session_id }),
      onProgress: (done, of) => tell(done / Math.max(1, of), bytesText(done, of)),
    });
    const read =
      imported.kind === 'unrecognised'
        ? await readSnapshotFile({ store: place.store, now, random }, options.file)
        : imported;
    if (read.kind !== 'imported') throw importError(options.file, read);
    for (const problem of read.problems) app.log.warn(`${options.file}: ${problemsText([problem])}`);
    const name = typeof options.name === 'string' ? options.name : await options.name(read.session.body.title);
    const saved = await keep(place, name, read.session, options.over !== undefined);
    app.catalog.refresh();
    return saved;
  });
}

/** Another window may save between the look and the save: then the save starts again from what that one wrote. */
const ATTEMPTS = 5;

async function keep(place: Place, name: string, fresh: Session, over: boolean): Promise<Saved> {
  for (let attempt = 1; ; attempt++) {
    let session: Session = { ...fresh, body: { ...fresh.body, name } };
    let expected: number | undefined;
    if (over) {
      const loaded = await place.store.load(name);
      if (loaded.kind !== 'loaded') throw openFailureError(name, loaded);
      if (!goesOn(loaded.session, fresh)) throw replacedError(name);
      session = nextRevision(loaded.session, fresh);
      expected = loaded.session.body.revision;
    }
    const outcome = await place.store.save(name, session, expected);
    if (outcome.kind === 'saved') return { name, revision: outcome.revision, messages: session.history.length };
    if (outcome.kind !== 'conflict' || attempt === ATTEMPTS) throw writeFailureError(name, outcome);
  }
}

/** The saved session may be the only copy of what it holds. */
function replacedError(name: string): HumanError {
  return new HumanError(
    l10n.t(
      'The transcript was cut or replaced since {0} was saved, which was left as it is. Save Session As… keeps the transcript under another name.',
      name,
    ),
  );
}

function importError(file: string, failure: Exclude<ImportOutcome, { kind: 'imported' }>): HumanError {
  switch (failure.kind) {
    case 'unrecognised':
      return new HumanError(
        l10n.t(
          '{0} is not a transcript of an agent that Holdfast knows ({1}). Nothing was imported.',
          file,
          agentNames(),
        ),
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

export function savedText(saved: Saved): string {
  return saved.revision > 1
    ? l10n.t('Saved {0}: {1}, revision {2}.', saved.name, messageCount(saved.messages), saved.revision)
    : l10n.t('Saved {0}: {1}.', saved.name, messageCount(saved.messages));
}
