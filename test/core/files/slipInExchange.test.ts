import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Exchange, loadExchange } from '../../../src/core/files/replace/exchange.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeFolder, removeFolders } from './workplace.ts';

/** A fresh copy of the module, as it is loaded on another system. */
async function loadOn(platform: string): Promise<Exchange | undefined> {
  const real = Object.getOwnPropertyDescriptor(process, 'platform');
  assert.ok(real !== undefined);
  Object.defineProperty(process, 'platform', { ...real, value: platform });
  try {
    const file = `../../../src/core/files/replace/exchange.ts?${platform}`;
    const copy: { loadExchange: typeof loadExchange } = await import(file);
    return await copy.loadExchange();
  } finally {
    Object.defineProperty(process, 'platform', real);
  }
}

describe('exchange of two names', () => {
  let exchange: Exchange;
  before(async function () {
    const found = await loadExchange();
    if (found === undefined) skipBecause(this, 'this system can’t exchange two files');
    exchange = found;
  });
  afterEach(removeFolders);

  it('gives each file the other one’s name, whatever they are', () => {
    const folder = makeFolder();
    const [a, b, sub] = ['a', 'b', 'sub'].map((name) => path.join(folder, name)) as [string, string, string];
    fs.writeFileSync(a, 'A');
    fs.writeFileSync(b, 'B');
    fs.mkdirSync(sub);
    assert.equal(exchange(a, b), true);
    assert.deepEqual([fs.readFileSync(a, 'utf8'), fs.readFileSync(b, 'utf8')], ['B', 'A']);
    assert.equal(exchange(a, sub), true);
    assert.equal(fs.readFileSync(sub, 'utf8'), 'B');
    assert.ok(fs.statSync(a).isDirectory());
  });

  it('changes nothing where one of them is missing', () => {
    const folder = makeFolder();
    const [a, b] = ['a', 'b'].map((name) => path.join(folder, name)) as [string, string];
    fs.writeFileSync(a, 'A');
    assert.deepEqual([exchange(a, b), exchange(b, a)], [false, false]);
    assert.deepEqual(fs.readdirSync(folder), ['a']);
    assert.equal(fs.readFileSync(a, 'utf8'), 'A');
  });

  it('is not to be had where the library takes three steps for it', async () => {
    assert.equal(await loadOn('win32'), undefined);
    assert.equal(await loadOn('freebsd'), undefined);
    assert.notEqual(await loadOn(process.platform), undefined);
  });
});
