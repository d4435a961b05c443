import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import fc from 'fast-check';
import type { OpenEditors } from '../../../src/core/files/guard/guardTypes.ts';
import { createBases } from '../../../src/core/files/merge/bases.ts';
import { makeFolder, makeWorkplace, removeFolders } from './workplace.ts';

const FILE = 'a.txt';

/** A file whose first line is the session's and whose last line is everybody else's. */
function toText(session: string, others: string): string {
  return `${session}\nkept\nkept too\n${others}\n`;
}

/** What happens beside the session; each changes the last line of the version that holds. */
type Event =
  | 'in place'
  | 'by rename'
  | 'typed'
  | 'saved'
  | 'slips in'
  | 'typed meanwhile'
  | 'session reads'
  | 'session edits'
  | 'session writes';
const events: readonly Event[] = [
  'in place',
  'by rename',
  'typed',
  'saved',
  'slips in',
  'typed meanwhile',
  'session reads',
  'session edits',
  'session writes',
];

async function play(run: readonly Event[]): Promise<void> {
  let unsaved: string | undefined;
  let count = 0;
  let [session, others] = ['session 0', 'others 0'];
  /** What the session has seen of the others' line. */
  let known = others;
  let slipsIn: (() => void) | undefined;
  let typedMeanwhile: (() => void) | undefined;
  const editors: OpenEditors = {
    unsavedText: () => unsaved,
    replaceUnsaved(_path, expected, text) {
      typedMeanwhile?.();
      typedMeanwhile = undefined;
      if (unsaved !== expected) return Promise.resolve(false);
      unsaved = text;
      return Promise.resolve(true);
    },
  };
  const { guard, put, at, text } = makeWorkplace(
    { editors, bases: createBases({ sessionsFolder: makeFolder() }) },
    {
      beforeRename() {
        slipsIn?.();
        slipsIn = undefined;
      },
    },
  );
  const change = (set: (content: string) => void): void => {
    others = `others ${++count}`;
    const current = (unsaved ?? text(FILE)).split('\n');
    set(toText(current[0] as string, others));
  };
  const foreign: Record<'in place' | 'by rename' | 'typed' | 'saved', () => void> = {
    'in place': () => unsaved ?? change((content) => put(FILE, content)),
    'by rename'() {
      if (unsaved !== undefined) return;
      change((content) => put('tmp', content));
      fs.renameSync(at('tmp'), at(FILE));
    },
    typed: () => change((content) => (unsaved = content)),
    saved() {
      if (unsaved !== undefined) put(FILE, unsaved);
      unsaved = undefined;
    },
  };
  put(FILE, toText(session, others));
  await guard.read(FILE);
  for (const event of run) {
    switch (event) {
      case 'slips in':
        slipsIn = foreign['in place'];
        break;
      case 'typed meanwhile':
        typedMeanwhile = foreign.typed;
        break;
      case 'session reads':
        await guard.read(FILE);
        known = others;
        break;
      case 'session edits':
      case 'session writes': {
        const next = `session ${++count}`;
        const outcome =
          event === 'session edits'
            ? await guard.edit(FILE, { old: `${session}\n`, new: `${next}\n` }, { merge: true })
            : await guard.write(FILE, toText(next, known), { merge: true });
        if (outcome.kind === 'written') session = next;
        else assert.ok(outcome.kind === 'conflict' && outcome.reason === 'unread', JSON.stringify(outcome));
        slipsIn = typedMeanwhile = undefined;
        break;
      }
      default:
        foreign[event]();
    }
    assert.equal(unsaved ?? text(FILE), toText(session, others), event);
  }
  guard.close();
}

describe('guard, merging, as a state machine', () => {
  afterEach(removeFolders);

  it('never loses a line that others wrote, nor one of its own that it called written', async function () {
    this.timeout(30_000);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...events), { maxLength: 12 }), async (run) => {
        await play(run);
        removeFolders();
      }),
      { numRuns: 150 },
    );
  });
});
