import type { LateConflict, Refusal } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { type Ending, type Failed, failed, systemFailed } from '../ending.ts';
import { openGuard } from '../sessionGuard.ts';
import { lateJson } from '../shapes.ts';

export async function read(context: Context, name: string, path: string): Promise<Ending> {
  const session = await openGuard(context, name);
  if ('kind' in session) return session;
  let outcome: Awaited<ReturnType<typeof session.guard.read>>;
  let late: readonly LateConflict[] = [];
  try {
    outcome = await session.guard.read(path);
  } catch (error) {
    const failure = session.failure();
    if (failure !== undefined) return failure;
    throw error;
  } finally {
    late = await session.end();
  }
  if (outcome.kind !== 'read') return refused(outcome);
  const { key, bytes, stamp } = outcome;
  if (!context.json) {
    await context.io.out(bytes);
    return { kind: 'written' };
  }
  const facts = { key, sha256: stamp.sha256, bytes: bytes.byteLength, ...lateJson(late) };
  return { kind: 'done', json: { ...facts, ...content(bytes) }, text: '' };
}

export function refused(refusal: Refusal): Failed {
  switch (refusal.kind) {
    case 'missing':
      return failed('no-such-file', refusal.key);
    case 'outside':
      return failed('outside', refusal.path);
    case 'not-a-file':
      return failed('not-a-file', refusal.key);
    case 'protected':
      return failed('protected', refusal.key);
    case 'too-big':
      return failed('too-big', refusal.key, `${refusal.bytes} bytes, at most ${refusal.limit}`);
    case 'io':
      return systemFailed(refusal);
  }
}

/** Text where the bytes are UTF-8 and come back the same, else base64. */
function content(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    // Not UTF-8: the decoder has no other way to say so.
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}
