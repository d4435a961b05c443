import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toolListing } from '../../../src/core/index.ts';

const schema = { type: 'object' };

describe('a list of tools', () => {
  for (const [maker, value] of [
    ['Holdfast', [{ name: 'a', description: 'A', schema }]],
    ['Anthropic', { model: 'x', tools: [{ name: 'a', description: 'A', input_schema: schema }] }],
    ['MCP', { tools: [{ name: 'a', title: 'T', description: 'A', inputSchema: schema }] }],
    [
      'MCP, with its envelope',
      { jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'a', description: 'A', inputSchema: schema }] } },
    ],
    ['OpenAI, chat', [{ type: 'function', function: { name: 'a', description: 'A', parameters: schema } }]],
    ['OpenAI, responses', [{ type: 'function', name: 'a', description: 'A', parameters: schema, strict: true }]],
    ['VS Code', [{ name: 'a', description: 'A', inputSchema: schema, tags: ['x'] }]],
  ] as const) {
    it(`is read in the form of ${maker}`, () => {
      assert.deepEqual(toolListing(value), [{ name: 'a', description: 'A', schema }]);
    });
  }

  it('may be empty, and a tool may have nothing but a name', () => {
    assert.deepEqual(toolListing([]), []);
    assert.deepEqual(toolListing({ tools: [] }), []);
    assert.deepEqual(toolListing([{ name: 'bash', type: 'bash_20250124' }]), [{ name: 'bash' }]);
  });

  it('is refused in any other form, and never throws', () => {
    for (const value of [{ a: 1 }, [{ description: 'nameless' }], [{ name: 1 }], null, 'tools', 3, {}, [[]]]) {
      assert.equal(toolListing(value), undefined, JSON.stringify(value));
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const tools = toolListing(value);
        assert.ok(tools === undefined || tools.every(({ name }) => typeof name === 'string'));
      }),
    );
  });

  it('is refused where it is one page of a longer list: the other tools would look removed', () => {
    const tools = [{ name: 'a', inputSchema: schema }];
    assert.equal(toolListing({ tools, nextCursor: 'more' }), undefined);
    assert.equal(toolListing({ tools, nextCursor: null })?.length, 1);
    assert.equal(toolListing({ tools, nextCursor: '' })?.length, 1);
  });

  it('is refused where it is endless', () => {
    assert.equal(toolListing(Array.from({ length: 10_001 }, (_, index) => ({ name: `${index}` }))), undefined);
    assert.equal(toolListing([{ name: 'x'.repeat(1_001) }]), undefined);
  });

  it('takes names like those of prototypes for names', () => {
    const value = JSON.parse(
      '{"tools":[{"name":"__proto__","inputSchema":{"__proto__":{"type":"x"}}},{"name":"constructor"}],"constructor":1}',
    );
    const tools = toolListing(value);
    assert.deepEqual(
      tools?.map(({ name }) => name),
      ['__proto__', 'constructor'],
    );
    assert.equal(JSON.stringify(tools?.[0]?.schema), '{"__proto__":{"type":"x"}}');
    assert.equal(toolListing(JSON.parse('{"__proto__":{"tools":[]}}')), undefined);
  });
});
