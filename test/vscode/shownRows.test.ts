import assert from 'node:assert/strict';
import type { TreeItem } from 'vscode';
import { ShownRows } from '../../src/vscode/views/shownRows.ts';

interface Row {
  readonly id: string;
  readonly text: string;
}

describe('Rows that VS Code was given', () => {
  let under: Map<string | undefined, readonly Row[]>;
  let painted: (string | undefined)[];
  let shown: ShownRows<Row>;

  beforeEach(() => {
    painted = [];
    under = new Map([
      [undefined, [{ id: 'saved', text: 'Saved' }]],
      [
        'saved',
        [
          { id: 'a', text: 'a' },
          { id: 'b', text: 'b' },
        ],
      ],
    ]);
    shown = new ShownRows<Row>(
      {
        children: async (parent) => under.get(parent?.id) ?? [],
        describe: (row) => ({ label: row.text }) as TreeItem,
        idOf: (row) => row.id,
      },
      (row) => painted.push(row?.id),
    );
  });

  const showAll = async (): Promise<Row[]> => {
    const [saved] = await shown.give(undefined);
    return shown.give(saved);
  };

  it('are not painted again while nothing looks different', async () => {
    await showAll();
    await shown.update();
    assert.deepEqual(painted, []);
  });

  it('are painted one by one when their facts change, and stay the same objects', async () => {
    const [a] = await showAll();
    under.set('saved', [
      { id: 'a', text: 'a, 1 changed' },
      { id: 'b', text: 'b' },
    ]);
    await shown.update();
    assert.deepEqual(painted, ['a']);
    assert.equal(a?.text, 'a, 1 changed');
    assert.equal(shown.known({ id: 'a', text: 'again' }), a);
  });

  it('are painted under their parent when one comes, goes or moves', async () => {
    await showAll();
    under.set('saved', [
      { id: 'b', text: 'b' },
      { id: 'a', text: 'a' },
    ]);
    await shown.update();
    assert.deepEqual(painted, ['saved']);
    under.set(undefined, []);
    await shown.update();
    assert.deepEqual(painted, ['saved', undefined]);
  });

  it('that were never asked for are not looked at', async () => {
    await shown.update();
    assert.deepEqual(painted, []);
  });
});
