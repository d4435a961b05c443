import type { Part } from './agent.ts';
import { string } from './shape.ts';

/** The images that came with results of tools, by their calls: each stands behind the result and names the call. */
export function resultImages(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
  const images = new Map<string, Part[]>();
  for (const part of parts) {
    const callId = part.type === 'image' ? imageCall(part) : undefined;
    if (callId === undefined) continue;
    const known = images.get(callId);
    if (known === undefined) images.set(callId, [part]);
    else known.push(part);
  }
  return images;
}

/** The call whose result an image belongs to; undefined for one of its own. */
export function imageCall(image: Part): string | undefined {
  return string((image as { readonly call_id?: unknown }).call_id);
}
