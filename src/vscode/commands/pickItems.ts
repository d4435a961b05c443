import { type QuickPickItem, ThemeIcon } from 'vscode';
import { problemsText } from '../failureWords.ts';
import { now } from '../places.ts';
import { withoutIcons } from '../say.ts';
import { agentIcon, agentLabel } from '../views/agentFace.ts';
import type { LiveNode, SavedNode } from '../views/nodes.ts';
import { liveTitle, savedFacts, tagsText } from '../views/sessionItems.ts';
import { age, exactTime, turnCount } from '../words.ts';

/** How sessions look in a quick pick. */

export interface SavedItem extends QuickPickItem {
  readonly node: SavedNode;
}

export function savedItem(node: SavedNode): SavedItem {
  const { entry } = node;
  const { head } = entry;
  if (!head)
    return {
      label: withoutIcons(entry.name),
      description: withoutIcons(problemsText(entry.problems, 1)),
      iconPath: new ThemeIcon('error'),
      node,
    };
  const detail = [head.title === entry.name ? undefined : head.title, head.tags && tagsText(head.tags)]
    .filter(Boolean)
    .join('  ');
  return {
    label: withoutIcons(entry.name),
    description: withoutIcons(savedFacts(entry, head).join(' · ')),
    ...(detail !== '' && { detail: withoutIcons(detail.replace(/\s+/g, ' ')) }),
    iconPath: agentIcon(head.source?.agent),
    node,
  };
}

export function liveItem(node: LiveNode): QuickPickItem & { readonly node: LiveNode } {
  const { live } = node;
  const facts = [
    agentLabel(live.agent),
    ...(live.turns === undefined ? [] : [turnCount(live.turns)]),
    age(live.changedAt, now()),
  ];
  return {
    label: withoutIcons(liveTitle(live)),
    description: withoutIcons(facts.join(' · ')),
    detail: withoutIcons([live.model, live.createdAt && exactTime(live.createdAt)].filter(Boolean).join(' · ')),
    iconPath: agentIcon(live.agent),
    node,
  };
}
