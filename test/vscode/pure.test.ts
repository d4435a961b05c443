import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SessionEntry } from '../../src/core/index.ts';
import { changedRegion } from '../../src/vscode/editing/changedRegion.ts';
import { escapeMarkdown } from '../../src/vscode/escapeMarkdown.ts';
import { nextSaveState, type SaveNews, type SaveState, saveFace } from '../../src/vscode/session/saveState.ts';
import { lineage } from '../../src/vscode/views/lineage.ts';
import { inert } from '../../src/vscode/views/transcriptMarkdown.ts';

const loaded: SaveNews = {
  type: 'loaded',
  name: 'a',
  revision: 7,
  messages: 31,
  at: 1000,
  driver: { kind: 'me', held: undefined },
};
const stateAfter = (...news: readonly SaveNews[]): SaveState | undefined =>
  [loaded, ...news].reduce<SaveState | undefined>(nextSaveState, undefined);

describe('The state behind the status bar', () => {
  it('is saved after a load, and none after a close', () => {
    assert.equal(saveFace(stateAfter(), 1000), 'saved');
    assert.equal(saveFace(stateAfter({ type: 'closed' }), 1000), 'none');
  });

  it('is behind while the transcript has more messages than the disk', () => {
    const state = stateAfter({ type: 'grew', messages: 34 });
    assert.equal(saveFace(state, 1000), 'behind');
    assert.equal((state?.live ?? 0) - (state?.disk ?? 0), 3);
  });

  it('shows a save only once it has taken half a second', () => {
    const state = stateAfter({ type: 'grew', messages: 32 }, { type: 'saving', at: 2000 });
    assert.equal(saveFace(state, 2400), 'saved');
    assert.equal(saveFace(state, 2501), 'saving');
  });

  it('ends a save when it is written, however long reading back takes', () => {
    const written: SaveNews = { type: 'written', all: true };
    const state = stateAfter({ type: 'grew', messages: 32 }, { type: 'saving', at: 2000 }, written);
    assert.equal(saveFace(state, 60_000), 'saved');
    assert.deepEqual([state?.live, state?.disk, state?.verified], [32, 32, 31]);
    const partly = stateAfter({ type: 'grew', messages: 32 }, { type: 'saving', at: 2000 }, { ...written, all: false });
    assert.equal(saveFace(partly, 60_000), 'behind');
  });

  it('is failed until the disk was read back', () => {
    const failed: SaveNews = { type: 'failed', reason: 'disk full' };
    assert.equal(saveFace(stateAfter(failed, { type: 'grew', messages: 40 }), 1), 'failed');
    const verified: SaveNews = { type: 'verified', messages: 40, revision: 8, at: 9 };
    assert.equal(saveFace(stateAfter(failed, { type: 'grew', messages: 40 }, verified), 9), 'saved');
  });

  it('puts a failure before everything, and stale files before nothing else', () => {
    const stale: SaveNews = { type: 'stale', files: 2 };
    assert.equal(saveFace(stateAfter(stale), 1), 'stale');
    assert.equal(saveFace(stateAfter(stale, { type: 'held', held: true }), 1), 'held');
    assert.equal(saveFace(stateAfter(stale, { type: 'conflict', theirs: 8 }), 1), 'conflict');
    assert.equal(
      saveFace(stateAfter(stale, { type: 'conflict', theirs: 8 }, { type: 'failed', reason: '' }), 1),
      'failed',
    );
  });

  it('says that it follows, whatever changed, and that nobody drives any more; a failure still comes first', () => {
    const holder = { id: 'x', host: 'ada-laptop', pid: 4711, program: 'VS Code', since: '2026-11-20T10:32:00.000Z' };
    const follows: SaveNews = { type: 'driven', driver: { kind: 'other', holder } };
    const stale: SaveNews = { type: 'stale', files: 2 };
    assert.equal(saveFace(stateAfter(stale, { type: 'held', held: true }, follows), 1), 'following');
    assert.equal(saveFace(stateAfter(follows, { type: 'driven', driver: { kind: 'nobody' } }), 1), 'free');
    assert.equal(saveFace(stateAfter(follows, { type: 'failed', reason: 'disk full' }), 1), 'failed');
    const mine: SaveNews = { type: 'driven', driver: { kind: 'me', held: undefined } };
    assert.equal(saveFace(stateAfter(stale, follows, mine), 1), 'stale');
  });

  it('has as many messages as the one who drives left on the disk, fewer after a rewind too', () => {
    const state = stateAfter({ type: 'grew', messages: 40 }, { type: 'read', messages: 12, revision: 8, at: 5 });
    assert.deepEqual([state?.live, state?.disk, state?.verified, state?.revision], [12, 12, 12, 8]);
  });

  it('never says saved while the disk holds less than the conversation', () => {
    const news: fc.Arbitrary<SaveNews> = fc.oneof(
      fc.record({ type: fc.constant('grew' as const), messages: fc.nat(50) }),
      fc.record({ type: fc.constant('saving' as const), at: fc.nat(100) }),
      fc.record({ type: fc.constant('written' as const), all: fc.boolean() }),
      fc.record({
        type: fc.constant('verified' as const),
        messages: fc.nat(50),
        revision: fc.constant(1),
        at: fc.nat(100),
      }),
      fc.record({ type: fc.constant('failed' as const), reason: fc.string() }),
      fc.record({ type: fc.constant('stale' as const), files: fc.nat(3) }),
    );
    fc.assert(
      fc.property(fc.array(news), (all) => {
        const state = stateAfter(...all);
        const face = saveFace(state, 10_000);
        if (state && (face === 'saved' || face === 'stale')) assert.ok(state.disk >= state.live);
      }),
    );
  });
});

function entry(name: string, id: string, parent?: string): SessionEntry {
  return {
    name,
    file: `/x/${name}.json`,
    bytes: 1,
    changedAt: 0,
    hasJournal: false,
    readOnly: false,
    problems: [],
    head: {
      session_id: id,
      created_at: '',
      ...(parent !== undefined && { parent: { session_id: parent, message: 1 } }),
    },
  };
}

describe('The lineage of saved sessions', () => {
  it('puts forks under their parents', () => {
    const { roots, forks } = lineage([entry('a', '1'), entry('b', '2', '1'), entry('c', '3', '2')]);
    assert.deepEqual(
      roots.map(({ name }) => name),
      ['a'],
    );
    assert.deepEqual(
      forks.get('a')?.map(({ name }) => name),
      ['b'],
    );
    assert.deepEqual(
      forks.get('b')?.map(({ name }) => name),
      ['c'],
    );
  });

  it('shows every session exactly once, whatever the files claim', () => {
    const id = fc.constantFrom('1', '2', '3', '4');
    const claims = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), id, fc.option(id, { nil: undefined })), {
      selector: ([name]) => name,
      maxLength: 8,
    });
    fc.assert(
      fc.property(claims, (all) => {
        const entries = all.map(([name, own, parent]) => entry(name, own, parent));
        const { roots, forks } = lineage(entries);
        const shown: string[] = [];
        const show = (one: SessionEntry): void => {
          shown.push(one.name);
          for (const fork of forks.get(one.name) ?? []) show(fork);
        };
        roots.forEach(show);
        assert.deepEqual(shown.sort(), entries.map(({ name }) => name).sort());
      }),
    );
  });
});

describe('A text from a session, as Markdown', () => {
  it('keeps no HTML, link, image or heading of its own', () => {
    assert.equal(inert('<img src=x>'), '\\<img src=x>');
    assert.equal(inert('[x](command:y)'), '[x\\](command:y)');
    assert.equal(inert('![x](y)'), '\\![x\\](y)');
    assert.equal(inert('[x]: command:y'), '[x\\]: command:y');
    assert.equal(inert('# title'), '\\# title');
  });

  it('does not let a backslash undo an escape', () => {
    assert.equal(inert('\\<b>'), '\\<b>');
    assert.equal(inert('\\\\<b>'), '\\\\\\<b>');
  });

  it('leaves a code block as it is and ends one that never ends', () => {
    assert.equal(inert('```html\n<b>\n```\n<i>'), '```html\n<b>\n```\n\\<i>');
    assert.equal(inert('```\n<b>'), '```\n<b>\n```');
  });

  it('escapes every mark in a tooltip', () => {
    assert.equal(escapeMarkdown('a $(x) [b](c)\n<d>'), 'a \\$\\(x\\) \\[b\\]\\(c\\) \\<d\\>');
  });
});

describe('The changed region of two texts', () => {
  it('is nothing for equal texts, line ends aside', () => assert.equal(changedRegion('a\r\nb', 'a\nb'), undefined));

  it('names the lines between the first and the last difference', () => {
    const region = changedRegion('a\nb\nc\nd', 'a\nB\nx\nc\nd');
    assert.deepEqual(region?.before, { from: 2, to: 2, lines: ['b'] });
    assert.deepEqual(region?.after, { from: 2, to: 3, lines: ['B', 'x'] });
    assert.equal(region?.count, 2);
  });

  it('makes the second text from the first', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c')).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const region = changedRegion(before, after);
        if (!region) return assert.equal(before, after);
        const lines = before.split('\n');
        lines.splice(region.before.from - 1, region.before.lines.length, ...region.after.lines);
        assert.equal(lines.join('\n'), after);
      }),
    );
  });
});
