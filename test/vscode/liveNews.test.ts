import assert from 'node:assert/strict';
import { createLiveNews } from '../../src/vscode/session/liveNews.ts';

describe('what is new in live sessions', () => {
  const HOUR = 3_600_000;
  let now: number;
  let elapsed: number;
  const begin = () => {
    now = 10 * HOUR;
    elapsed = 0;
    return createLiveNews({ recentMs: 1000, now: () => now, elapsed: () => elapsed });
  };

  it('is what changed shortly before the start, or since, and each change once', () => {
    const news = begin();
    assert.equal(news.isNew('old', now - 2000), false);
    assert.equal(news.isNew('recent', now - 500), true);
    assert.equal(news.isNew('recent', now - 500), true, 'not dealt with');
    news.dealtWith('recent', now - 500);
    assert.equal(news.isNew('recent', now - 500), false);
    assert.equal(news.isNew('old', now + 1), true);
  });

  it('is found with a clock that was set back, too', () => {
    const news = begin();
    const [before, long] = [now, now - 5 * HOUR];
    news.dealtWith('known', before);
    assert.equal(news.isNew('old', long), false);
    now -= HOUR;
    for (const key of ['known', 'old', 'begun since']) assert.equal(news.isNew(key, now), true, key);
    assert.equal(news.isNew('known', before), false);
    assert.equal(news.isNew('old', long), false);
  });

  it('is looked at again when it is time, however the clock stands', () => {
    const news = begin();
    news.dealtWith('a', now);
    news.again('a', 30_000);
    assert.equal(news.waits, true);
    now -= HOUR;
    assert.equal(news.isNew('a', 10 * HOUR), false);
    elapsed = 30_000;
    assert.equal(news.isNew('a', 10 * HOUR), true);
    news.dealtWith('a', 10 * HOUR);
    assert.equal(news.waits, false);
    assert.equal(news.isNew('a', 10 * HOUR), false);
  });
});
