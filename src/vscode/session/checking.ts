import type { Disposable } from 'vscode';
import { createPulse, type DriftReport, type Pulse, type ReadCache, type SnapshotBody } from '../../core/index.ts';
import { createCurrentTools } from '../comparing/currentTools.ts';
import { driftNow } from '../comparing/drift.ts';
import { openEditors } from '../editing/editors.ts';
import type { Place } from '../places.ts';
import { sameReport } from './sameReport.ts';
import { Watching } from './watching.ts';

export interface CheckingOptions {
  readonly place: Place;
  readonly cache: ReadCache;
  /** What is known of the session now. */
  readonly body: () => SnapshotBody;
  /** A comparison has ended; `isNew`: it says something else than the one before. */
  readonly onReport: (isNew: boolean) => void;
  readonly warn: (error: unknown) => void;
}

/**
 * Compares one session with now: when somebody asks, and soon after news that something may be different. Owns the last
 * report and what watches; a comparison that takes long is made less often, so that others have their time.
 */
export class Checking implements Disposable {
  readonly #options: CheckingOptions;
  readonly #pulse: Pulse;
  #report: DriftReport | undefined;
  #watching: Watching | undefined;
  #closed = false;

  constructor(options: CheckingOptions) {
    this.#options = options;
    const currentTools = createCurrentTools(options.place, options.body(), options.warn);
    const check = async (): Promise<void> => {
      const report = await driftNow(options.place, options.body(), options.cache, openEditors, currentTools);
      if (this.#closed) return;
      const isNew = !sameReport(this.#report, report);
      this.#report = report;
      options.onReport(isNew);
    };
    this.#pulse = createPulse(check, { onError: options.warn });
  }

  get report(): DriftReport | undefined {
    return this.#report;
  }

  now(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#pulse.now();
  }

  soon(): void {
    this.#pulse.nudge();
  }

  /** Begins to watch what the session has read. */
  watch(): void {
    const { place, cache, warn } = this.#options;
    this.#watching ??= new Watching(place, cache, () => this.soon(), warn);
  }

  /** The session has read other files, or other versions of them. */
  filesChanged(): void {
    this.#watching?.update();
    this.soon();
  }

  dispose(): void {
    this.#closed = true;
    this.#pulse.close();
    this.#watching?.dispose();
  }
}
