import assert from 'node:assert/strict';
import { estimateTokens } from '../../../src/agents/index.ts';
import type { Message } from '../../../src/core/index.ts';

const of = (content: Message['content']): Promise<number> => estimateTokens([{ id: 'm', role: 'user', content }]);

describe('the estimate of tokens', () => {
  it('goes by script: Chinese takes more per character than English, code more than prose', async () => {
    const prose = await of('the quick brown fox jumps over the lazy dog '.repeat(100));
    const code = await of('if (a[i] !== b[j]) { x += y[k](z); } // "q" '.repeat(100));
    const chinese = await of('敏捷的棕色狐狸跳过懒狗'.repeat(400));
    assert.ok(prose > 1100 && prose < 1300, `${prose}`);
    assert.ok(code > prose * 1.3, `${code}`);
    assert.ok(chinese > prose * 2, `${chinese}`);
  });

  it('counts inputs and outputs of calls, and an image as one, whatever its size', async () => {
    const output = 'word '.repeat(1000);
    const result = await of([{ type: 'tool_result', call_id: 't', output }]);
    assert.ok(Math.abs(result - (await of(output))) < 20);
    const input = await of([{ type: 'tool_call', id: 't', name: 'x', input: { text: output } }]);
    assert.ok(input > result * 0.9);
    const image = (data: string) => of([{ type: 'image', media_type: 'image/png', data }]);
    assert.equal(await image('aGk='), await image('a'.repeat(1_000_000)));
    assert.equal(await estimateTokens([]), 0);
  });

  it('lets others run while it reads what is huge', async () => {
    let turns = 0;
    let ended = false;
    const count = (): void => {
      turns += 1;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    await of('some words and { "json": 1 } '.repeat(1_000_000));
    ended = true;
    assert.ok(turns > 1, `${turns}`);
  });
});
