import { stat } from 'node:fs/promises';
import path from 'node:path';
import { importTranscript, type LiveSession } from '../../agents/index.ts';
import { createReadCache } from '../../core/index.ts';
import { now, type Place, random } from '../places.ts';
import { liveTitle } from '../views/sessionItems.ts';
import { applyReadCache } from './applyReadCache.ts';
import { Journal } from './journal.ts';
import { type SaveAllParts, savesAll } from './saveAll.ts';
import type { FollowedSession } from './sessionFollower.ts';

const ATTEMPTS = 5;

/**
 * Saves a live session anew. The name that it was saved under; undefined where nothing was said in it yet. Throws where it
 * could not be saved, and the signal's reason.
 */
export async function saveNew(place: Place, live: LiveSession, signal: AbortSignal): Promise<string | undefined> {
  const imported = await importTranscript(live.transcript, {
    agent: live.agent,
    folder: place.path,
    store: place.store,
    now,
    random,
    signal,
  });
  if (imported.kind !== 'imported' || imported.session.history.length === 0) return undefined;
  const { body, history } = imported.session;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const name = await place.store.freeName(liveTitle(live));
    const outcome = await place.store.save(name, { body: { ...body, name }, history }, undefined);
    if (outcome.kind === 'saved') return name;
    // Somebody took the free name between the two calls.
    if (outcome.kind !== 'exists') throw new Error(`${name} was not saved: ${JSON.stringify(outcome)}`);
  }
  throw new Error(`${liveTitle(live)} was not saved: its names were taken`);
}

/** A saved session with its journal, that nobody looks at. */
export async function openQuietly(
  place: Place,
  name: string,
  { settings, log }: SaveAllParts,
): Promise<FollowedSession | undefined> {
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') return undefined;
  const { body, readOnly } = opened.document;
  await opened.document.close();
  if (readOnly) return undefined;
  const { size } = await stat(path.join(place.store.root, `${name}.json`));
  const may = () => savesAll(place, settings);
  const cache = createReadCache(place.path, body.read_cache);
  return {
    place,
    name,
    body,
    cache,
    journal: new Journal(place.store, name, size, { mayAppend: may, mayFold: may }),
    apply: (events) => void applyReadCache(cache, events),
    warn: (error) => log.warn(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
}
