import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, toolHash, toolSchemaHash } from '../../../src/core/index.ts';

const tool = fc.record({
  name: fc.string(),
  description: fc.string(),
  schema: fc.dictionary(fc.string(), fc.jsonValue()),
});

/** The same value with the keys of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value).reverse()) copy[key] = reversed(item);
  return copy;
}

describe('tool hash', () => {
  it('is that of RFC 8785: SHA-256 over sorted keys without spaces', () => {
    // printf '%s' '{"description":"Reads","name":"read","schema":{"a":1,"b":[true]}}' | sha256sum
    assert.equal(
      toolHash({ name: 'read', description: 'Reads', schema: { b: [true], a: 1 } }),
      'dffb792e2a152c2fa130bc305252eaaef527db4bb3279eeefbaf86f83a3bda47',
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(tool, (one) => {
        assert.equal(toolHash(reversed(one) as typeof one), toolHash(one));
      }),
    );
  });

  it('ignores a stored hash', () => {
    assert.equal(toolHash({ name: 'a', schema: {}, hash: 'x' }), toolHash({ name: 'a', schema: {} }));
  });

  it('sees a description that differs after its first hundred characters', () => {
    const long = 'x'.repeat(150);
    assert.notEqual(toolHash({ name: 'a', description: `${long}1` }), toolHash({ name: 'a', description: `${long}2` }));
  });

  it('sees every parameter that goes away', () => {
    const schema = { type: 'object', properties: { path: { type: 'string' }, limit: { type: 'integer' } } };
    const without = { type: 'object', properties: { path: { type: 'string' } } };
    assert.notEqual(toolHash({ name: 'read', schema }), toolHash({ name: 'read', schema: without }));
  });

  it('of a set of tools does not depend on the order in which they are offered', () => {
    fc.assert(
      fc.property(fc.array(tool), (tools) => {
        assert.equal(toolSchemaHash([...tools].reverse()), toolSchemaHash(tools));
      }),
    );
  });

  it('of a set of tools changes when a tool is added', () => {
    fc.assert(
      fc.property(fc.array(tool), tool, (tools, more) => {
        assert.notEqual(toolSchemaHash([...tools, more]), toolSchemaHash(tools));
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('takes lone surrogates, __proto__ keys and deep nesting from outside', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}"\\ud800"${']'.repeat(50_000)}`);
    assert.match(canonicalJson(deep), /\\\\ud800/);
    assert.equal(
      canonicalJson(JSON.parse('{"__proto__":{"a":"\\udfff"},"a":1}')),
      '{"__proto__":{"a":"\\\\udfff"},"a":1}',
    );
  });

  it('keeps different lone surrogates apart', () => {
    assert.notEqual(canonicalJson('\ud800'), canonicalJson('\ud801'));
  });
});
