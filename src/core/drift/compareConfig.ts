import { sameJson } from './canonical.ts';
import type { ConfigChange } from './report.ts';
import { compareText } from './tools/toolHash.ts';

type Config = Readonly<Record<string, unknown>>;

/** The fields recorded on both sides whose values differ, sorted. A field that one side does not record is no change. */
export function compareConfig(saved: Config, now: Config): readonly ConfigChange[] {
  return sharedFields(saved, now)
    .filter((field) => !sameJson(saved[field], now[field]))
    .map((field) => ({ field, saved: saved[field], now: now[field] }));
}

export function sharedFields(saved: Config, now: Config): readonly string[] {
  return Object.keys(saved)
    .filter((field) => saved[field] !== undefined && Object.hasOwn(now, field) && now[field] !== undefined)
    .sort(compareText);
}
