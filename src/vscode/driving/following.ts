import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from 'vscode';
import { createPulse, type LeaseHolder, type Pulse, watchFiles } from '../../core/index.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { readDisk } from './readDisk.ts';

/** A look at the files and at the lease, for what a watcher missed: network disks tell nothing of other machines. */
const LOOK_MS = 2000;

export interface FollowingOptions {
  /** Asked at every look, where it is given. */
  readonly onHolder?: (holder: LeaseHolder | undefined) => void;
  /** Something new was read. */
  readonly onRead: () => void;
}

/** Keeps a session as the one who drives it leaves it on the disk. Owns the watcher of its files and its timer. */
export class Following implements Disposable {
  readonly #session: ActiveSession;
  readonly #options: FollowingOptions;
  readonly #files: readonly string[];
  readonly #pulse: Pulse;
  readonly #watcher: { close(): Promise<void> };
  readonly #timer: NodeJS.Timeout;
  #seen = '';

  constructor(session: ActiveSession, options: FollowingOptions) {
    this.#session = session;
    this.#options = options;
    const { root } = session.place.store;
    this.#files = [path.join(root, `${session.name}.json`), path.join(root, `${session.name}.journal.jsonl`)];
    this.#pulse = createPulse(() => this.#look(), { onError: session.warn });
    this.#watcher = watchFiles(this.#files, () => this.#pulse.nudge(), session.warn);
    this.#timer = setInterval(() => this.#pulse.nudge(), LOOK_MS);
    this.#pulse.nudge();
  }

  dispose(): void {
    this.#pulse.close();
    clearInterval(this.#timer);
    void this.#watcher.close().catch(this.#session.warn);
  }

  async #look(): Promise<void> {
    const { place, body } = this.#session;
    if (this.#options.onHolder) this.#options.onHolder(await place.store.leaseHolder(body.session_id));
    const now = (await Promise.all(this.#files.map(versionOf))).join();
    if (now === this.#seen) return;
    if (!(await readDisk(this.#session))) return;
    this.#seen = now;
    this.#options.onRead();
  }
}

/** Whatever a write changes; what is not there, or cannot be looked at, is told by who opens it. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return '';
  }
}
