import type { FileTouch } from '../core/index.ts';

/**
 * The file touches of a transcript while it is read: the last one of each file since they were taken, and the text
 * that the agent knows of each file, which later edits are applied to.
 */
export interface TouchLog {
  add(touch: FileTouch): void;
  /** The whole text as of the last touch, where known. */
  text(path: string): string | undefined;
  take(): readonly FileTouch[];
}

export function createTouchLog(base: readonly FileTouch[] = []): TouchLog {
  const known = new Map<string, string>();
  const seen = new Set<string>();
  let pending = new Map<string, FileTouch>();
  function add(touch: FileTouch): void {
    // A look at a part that tells nothing of the whole takes nothing from what is known of it.
    if (touch.op === 'read' && !touch.full && touch.text === undefined && seen.has(touch.path)) return;
    seen.add(touch.path);
    if (touch.text === undefined) known.delete(touch.path);
    else known.set(touch.path, touch.text);
    // The latest comes last, whichever file was touched first.
    pending.delete(touch.path);
    pending.set(touch.path, touch);
  }
  for (const touch of base) add(touch);
  return {
    add,
    text: (path) => known.get(path),
    take() {
      const taken = [...pending.values()];
      pending = new Map();
      return taken;
    },
  };
}

/** True where `part` is what stands in `text` from line `start` (1-based) on. */
export function isPartOf(text: string, part: string, start: number): boolean {
  let at = 0;
  for (let line = 1; line < start; line += 1) {
    at = text.indexOf('\n', at) + 1;
    if (at === 0) return false;
  }
  if (!text.startsWith(part, at)) return false;
  const next = text[at + part.length];
  return part.endsWith('\n') || next === undefined || next === '\n';
}
