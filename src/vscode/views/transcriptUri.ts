import { Uri } from 'vscode';
import { schemes } from '../ids.ts';
import type { Place } from '../places.ts';
import type { LiveNode, SavedNode } from './nodes.ts';
import { liveTitle } from './sessionItems.ts';

/** Which session a document shows; everything is in its URI, which outlives the window. */
export type Subject =
  | { readonly kind: 'saved'; readonly folder: string; readonly name: string }
  | { readonly kind: 'live'; readonly folder: string; readonly agent: string; readonly id: string };

export function savedUri(place: Place, name: string): Uri {
  return uriOf(name, { kind: 'saved', folder: place.folder.uri.toString(), name });
}

export function subjectUri(node: LiveNode | SavedNode): Uri {
  if (node.kind === 'saved') return savedUri(node.place, node.entry.name);
  const folder = node.place.folder.uri.toString();
  return uriOf(liveTitle(node.live), { kind: 'live', folder, agent: node.live.agent, id: node.live.nativeId });
}

function uriOf(title: string, subject: Subject): Uri {
  // The path is only the tab's title: what a file name can't hold is left out.
  const path = `/${title.replace(/[/\\?#%]+/g, ' ').slice(0, 80)}.md`;
  return Uri.from({ scheme: schemes.transcript, path, query: JSON.stringify(subject) });
}

export function parseSubject(uri: Uri): Subject {
  const value = JSON.parse(uri.query) as Readonly<Record<string, unknown>>;
  const text = (name: string): string => String(value[name]);
  return value['kind'] === 'live'
    ? { kind: 'live', folder: text('folder'), agent: text('agent'), id: text('id') }
    : { kind: 'saved', folder: text('folder'), name: text('name') };
}
