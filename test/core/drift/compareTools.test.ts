import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareTools } from '../../../src/core/drift/tools/compareTools.ts';
import { type Message, type ToolChange, toolHash } from '../../../src/core/index.ts';

const readTool = {
  type: 'object',
  properties: {
    path: { type: 'string', description: 'Where' },
    limit: { type: 'integer', minimum: 1 },
    mode: { enum: ['text', 'binary'] },
    options: { type: 'object', properties: { encoding: { type: 'string' }, trim: { type: 'boolean' } } },
    edits: { type: 'array', items: { type: 'object', properties: { old: { type: 'string' } }, required: ['old'] } },
  },
  required: ['path'],
};

type Schema = typeof readTool & Record<string, unknown>;

/** The change that an edit of the schema makes, one line per parameter. */
function changed(edit: (schema: Schema) => void, from: unknown = readTool): string[] {
  const saved = structuredClone(from);
  const now = structuredClone(from) as Schema;
  edit(now);
  const [change, ...more] = compareTools([{ name: 'read', schema: saved }], [{ name: 'read', schema: now }], []);
  assert.deepEqual(more, []);
  if (change === undefined) return [];
  assert.equal(change.change, 'changed');
  return [change.effect, ...change.parameters.map((one) => `${one.parameter} ${one.change} ${one.effect}`)];
}

const properties = (schema: Schema): Record<string, unknown> => schema.properties;

describe('tool drift', () => {
  it('names a parameter that was removed', () => {
    assert.deepEqual(
      changed((schema) => Reflect.deleteProperty(schema.properties, 'limit')),
      ['breaking', 'limit removed breaking'],
    );
  });

  it('reports a renamed parameter as one removed and one added', () => {
    assert.deepEqual(
      changed((schema) => {
        properties(schema)['file'] = schema.properties.path;
        Reflect.deleteProperty(schema.properties, 'path');
        schema.required = ['file'];
      }),
      ['breaking', 'file added breaking', 'path removed breaking'],
    );
  });

  it('reports a nested parameter by its dotted path, and one of an array by its items', () => {
    assert.deepEqual(
      changed((schema) => {
        Reflect.deleteProperty(schema.properties.options.properties, 'trim');
        Reflect.deleteProperty(schema.properties.edits.items.properties, 'old');
        schema.properties.edits.items.required = [];
      }),
      ['breaking', 'edits[].old removed breaking', 'options.trim removed breaking'],
    );
  });

  it('takes a new optional parameter as compatible, a new required one as breaking', () => {
    assert.deepEqual(
      changed((schema) => {
        properties(schema)['offset'] = { type: 'integer' };
      }),
      ['compatible', 'offset added compatible'],
    );
    assert.deepEqual(
      changed((schema) => {
        properties(schema)['offset'] = { type: 'integer' };
        schema.required.push('offset');
      }),
      ['breaking', 'offset added breaking'],
    );
  });

  it('tells required from optional', () => {
    assert.deepEqual(
      changed((schema) => schema.required.push('limit')),
      ['breaking', 'limit required breaking'],
    );
    assert.deepEqual(
      changed((schema) => schema.required.pop()),
      ['compatible', 'path optional compatible'],
    );
  });

  it('tells a narrower type from a wider one', () => {
    const limit = (type: unknown) => (schema: Schema) => {
      properties(schema)['limit'] = { type, minimum: 1 };
    };
    assert.deepEqual(changed(limit('string')), ['breaking', 'limit type breaking']);
    assert.deepEqual(changed(limit('number')), ['compatible', 'limit type compatible']);
    assert.deepEqual(changed(limit(['integer', 'null'])), ['compatible', 'limit type compatible']);
    assert.deepEqual(changed(limit(undefined)), ['compatible', 'limit type compatible']);
  });

  it('takes a type list and an anyOf of types as one thing', () => {
    const anyOf = { properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } } };
    assert.deepEqual(
      changed((schema) => {
        properties(schema)['a'] = { type: ['null', 'string'] };
      }, anyOf),
      [],
    );
  });

  it('tells removed enum values from added ones', () => {
    assert.deepEqual(
      changed((schema) => schema.properties.mode.enum.pop()),
      ['breaking', 'mode other breaking'],
    );
    assert.deepEqual(
      changed((schema) => schema.properties.mode.enum.push('raw')),
      ['compatible', 'mode other compatible'],
    );
  });

  it('judges bounds by their direction', () => {
    assert.deepEqual(
      changed((schema) => {
        schema.properties.limit.minimum = 2;
      }),
      ['breaking', 'limit other breaking'],
    );
    assert.deepEqual(
      changed((schema) => {
        schema.properties.limit.minimum = 0;
      }),
      ['compatible', 'limit other compatible'],
    );
  });

  it('takes a schema that closes itself to other properties as breaking', () => {
    assert.deepEqual(
      changed((schema) => {
        schema['additionalProperties'] = false;
      }),
      ['breaking', '* other breaking'],
    );
  });

  it('says "text" when only words changed', () => {
    assert.deepEqual(
      changed((schema) => {
        schema.properties.path.description = 'Which file';
      }),
      ['text', 'path other text'],
    );
    const now = { name: 'read', description: 'Reads a file', schema: readTool };
    const [change] = compareTools([{ name: 'read', description: 'Reads', schema: readTool }], [now], []);
    const hash = toolHash(now);
    assert.deepEqual(change, { tool: 'read', change: 'changed', effect: 'text', parameters: [], hash, usedBy: [] });
  });

  it('says "text" where only the words of alternatives changed', () => {
    const from = (word: string) => ({
      properties: {
        a: { anyOf: [{ type: 'string', description: word }, { type: 'null' }] },
        b: { oneOf: [{ type: 'string', maxLength: 3, title: word }] },
      },
    });
    const changes = changed((schema) => Object.assign(schema, from('two')), from('one'));
    assert.deepEqual(changes, ['text', 'a other text', 'b other text']);
  });

  it('follows local references, and ends where they run in a circle', () => {
    const recursive = {
      type: 'object',
      properties: { root: { $ref: '#/$defs/node' } },
      $defs: { node: { type: 'object', properties: { child: { $ref: '#/$defs/node' }, kind: { type: 'string' } } } },
    };
    assert.deepEqual(
      changed((schema) => {
        const { node } = schema['$defs'] as typeof recursive.$defs;
        node.properties.kind = { type: 'number' };
      }, recursive),
      ['breaking', 'root.kind type breaking'],
    );
  });

  it('names added and removed tools and the messages that used them', () => {
    const history: Message[] = [
      { id: 'm1', role: 'user', content: 'Go' },
      {
        id: 'm2',
        role: 'assistant',
        content: [
          { type: 'tool_call', id: 't1', name: 'old', input: {} },
          { type: 'tool_call', id: 't2', name: 'old', input: {} },
        ],
      },
      { id: 'm3', role: 'assistant', content: [{ type: 'tool_call', id: 't3', name: 'constructor', input: {} }] },
    ];
    assert.deepEqual(compareTools([{ name: 'old' }, { name: 'constructor' }], [{ name: 'new' }], history), [
      { tool: 'constructor', change: 'removed', usedBy: ['m3'] },
      { tool: 'new', change: 'added' },
      { tool: 'old', change: 'removed', usedBy: ['m2'] },
    ] satisfies ToolChange[]);
  });

  it('compares by hash where a schema was not recorded, and by name where nothing was', () => {
    assert.equal(compareTools([{ name: 'a', hash: '1' }], [{ name: 'a', schema: {} }], [])[0]?.change, 'changed');
    assert.deepEqual(compareTools([{ name: 'a' }], [{ name: 'a', schema: {} }], []), []);
  });

  it('says of schemas that nest deep, or whose references multiply, that they are too big to compare', () => {
    const deep = (leaf: string): unknown =>
      JSON.parse(`${'{"properties":{"a":'.repeat(20_000)}{"type":"${leaf}"}${'}}'.repeat(20_000)}`);
    const bomb = (leaf: string): unknown => ({
      $ref: '#/$defs/d0',
      $defs: Object.fromEntries([
        ...Array.from({ length: 40 }, (_, level) => [
          `d${level}`,
          { properties: { l: { $ref: `#/$defs/d${level + 1}` }, r: { $ref: `#/$defs/d${level + 1}` } } },
        ]),
        ['d40', { type: leaf }],
      ]),
    });
    const wide = (leaf: string): unknown => ({ enum: Array.from({ length: 100_000 }, (_, index) => leaf + index) });
    for (const make of [deep, bomb, wide]) {
      assert.deepEqual(
        compareTools([{ name: 'a', schema: make('string') }], [{ name: 'a', schema: make('number') }], []),
        [{ tool: 'a', change: 'changed', effect: 'breaking', parameters: [], tooBig: true, usedBy: [] }],
      );
    }
    const now = [{ name: 'a', schema: deep('string') }];
    assert.deepEqual(compareTools([], now, []), [{ tool: 'a', change: 'added' }]);
    assert.deepEqual(compareTools([{ name: 'a', hash: '1' }], now, []), [
      { tool: 'a', change: 'changed', effect: 'breaking', parameters: [], tooBig: true, usedBy: [] },
    ]);
  });

  it('compares as many tools as an agent may have', () => {
    const tools = Array.from({ length: 200 }, (_, index) => ({ name: `tool ${index}`, schema: readTool }));
    const now = tools.map(({ name, schema }) => ({
      name,
      schema: { ...schema, properties: { ...schema.properties, limit: { type: 'string' } } },
    }));
    const changes = compareTools(tools, now, []);
    assert.equal(changes.length, 200);
    assert.ok(changes.every((change) => change.change === 'changed' && change.tooBig === undefined));
  });

  it('never throws on any schema, and a tool compared with itself has no change', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        compareTools([{ name: 'a', schema: left }], [{ name: 'a', schema: right }], []);
        assert.deepEqual(compareTools([{ name: 'a', schema: left }], [{ name: 'a', schema: left }], []), []);
      }),
    );
  });
});
