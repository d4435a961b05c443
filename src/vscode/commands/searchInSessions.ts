import { l10n, type QuickPick, type QuickPickItem, window } from 'vscode';
import type { App } from '../app.ts';
import { guarded } from '../guarded.ts';
import { withoutIcons } from '../say.ts';
import { type Hit, searchMessages } from '../searching/searchMessages.ts';
import { agentIcon } from '../views/agentFace.ts';
import { roleName } from '../views/transcriptWords.ts';
import { allSaved } from './targets.ts';

export interface HitItem extends QuickPickItem {
  readonly hit: Hit;
}

/** Typing goes on for so long before anything is read, ms. */
const QUIET_MS = 250;
/** More are not looked at one by one. */
const MOST_HITS = 200;

/** Looks for words in the messages of the saved sessions while they are typed; a hit opens the transcript there. */
export async function searchInSessions(app: App, ...[text]: readonly unknown[]): Promise<void> {
  const nodes = (await allSaved(app)).filter(({ entry }) => entry.head);
  const picker = window.createQuickPick<HitItem>();
  picker.title = l10n.t('Search in Sessions');
  picker.placeholder = l10n.t('Words that are in one message of a saved session');
  // What is found later does not take the list away from whoever walks through it.
  picker.keepScrollPosition = true;
  let search = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const look = guarded(app.log, 'searchInSessions', async (query: string) => {
    search.abort();
    const mine = new AbortController();
    search = mine;
    picker.items = [];
    picker.title = l10n.t('Search in Sessions');
    if (query.trim() === '') {
      picker.busy = false;
      return;
    }
    picker.busy = true;
    try {
      const hits: Hit[] = [];
      for (const [i, { place, entry }] of nodes.entries()) {
        picker.title = l10n.t('Search in Sessions: {0} of {1}', i + 1, nodes.length);
        try {
          for await (const hit of searchMessages(place, entry, query, mine.signal)) {
            hits.push(hit);
            if (hits.length === MOST_HITS) break;
          }
        } catch (error) {
          // One file that cannot be read must not hide what is in the others.
          app.log.warn(`Search in ${entry.name}: ${error instanceof Error ? error.message : String(error)}`);
        }
        if (mine.signal.aborted) return;
        show(picker, hits);
        if (hits.length === MOST_HITS) break;
      }
      picker.title = hitsText(hits.length);
    } finally {
      if (search === mine) picker.busy = false;
    }
  });
  picker.onDidChangeValue((query) => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(query), QUIET_MS);
  });
  picker.onDidAccept(
    guarded(app.log, 'searchInSessions', async () => {
      const [item] = picker.selectedItems;
      if (!item) return;
      picker.hide();
      const { place, entry, message } = item.hit;
      await app.transcripts.openAt(place, entry.name, message);
    }),
  );
  picker.onDidHide(() => {
    clearTimeout(timer);
    search.abort();
    picker.dispose();
  });
  picker.show();
  if (typeof text !== 'string') return;
  picker.value = text;
  await look(text);
}

function show(picker: QuickPick<HitItem>, hits: readonly Hit[]): void {
  if (hits.length === picker.items.length) return;
  const active = picker.activeItems[0]?.hit;
  picker.items = hits.map((hit) => ({
    label: withoutIcons(hit.snippet),
    detail: withoutIcons(l10n.t('{0} · message {1} · {2}', hit.entry.name, hit.message, roleName(hit.role))),
    iconPath: agentIcon(hit.entry.head?.source?.agent),
    // The words may be in parts of the message that the label does not show.
    alwaysShow: true,
    hit,
  }));
  if (active) picker.activeItems = picker.items.filter(({ hit }) => hit === active);
}

function hitsText(hits: number): string {
  if (hits >= MOST_HITS) return l10n.t('Search in Sessions: the first {0} messages', MOST_HITS);
  if (hits === 1) return l10n.t('Search in Sessions: 1 message');
  return l10n.t('Search in Sessions: {0} messages', hits);
}
