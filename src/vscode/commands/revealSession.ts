import type { App } from '../app.ts';
import type { Place } from '../places.ts';

/** Shows a saved session's row, where the view is open anyway. */
export async function revealSession(app: App, place: Place, name: string): Promise<void> {
  if (!app.sessionsView.visible) return;
  const node = await app.tree.find(place, name);
  if (node) await app.sessionsView.reveal(node, { select: true, focus: false });
}
