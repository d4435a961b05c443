import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createMessageLog } from '../../src/agents/messageLog.ts';
import { applyEvents, type Message, type Session } from '../../src/core/index.ts';

const say = (id: string, content: string): Message => ({ id, role: 'user', content });
const empty: Session = {
  body: { schema: 'holdfast/1', session_id: 's-1', created_at: '2026-01-01T00:00:00Z' },
  history: [],
};

describe('the log of a reader’s messages', () => {
  it('tells a message that was told anew under its id, wherever it stands, once', () => {
    const log = createMessageLog([]);
    for (const id of ['a', 'b', 'c']) log.append(say(id, 'first'));
    const told = applyEvents(empty, log.takeEvents());
    assert.equal(log.replace('a', say('a', 'second')), true);
    assert.equal(log.replace('a', say('a', 'third')), true);
    const events = log.takeEvents();
    assert.deepEqual(events, [{ type: 'message', message: say('a', 'third') }]);
    assert.deepEqual(applyEvents(told, events).history, log.messages());
    assert.deepEqual(log.takeEvents(), []);
  });

  it('tells one event of a message that is new and told anew before anybody asked', () => {
    const log = createMessageLog([]);
    log.append(say('a', 'first'));
    log.replace('a', say('a', 'second'));
    assert.deepEqual(log.takeEvents(), [{ type: 'message', message: say('a', 'second') }]);
  });

  it('does nothing for an id that it does not have, or has no more', () => {
    const log = createMessageLog([say('base', 'before')]);
    log.append(say('a', 'first'));
    assert.equal(log.replace('b', say('b', 'x')), false);
    assert.equal(log.replace('base', say('base', 'anew')), true);
    log.truncate(1);
    assert.equal(log.replace('a', say('a', 'x')), false);
    assert.deepEqual(log.messages(), [say('base', 'anew')]);
  });

  it('folds into the same history, whatever is appended, told anew, extended and cut', () => {
    const change = fc.oneof(
      fc.record({ do: fc.constant('append' as const), text: fc.string() }),
      fc.record({ do: fc.constant('last' as const), text: fc.string() }),
      fc.record({ do: fc.constant('replace' as const), at: fc.nat(12), text: fc.string() }),
      fc.record({ do: fc.constant('cut' as const), at: fc.nat(12) }),
      fc.record({ do: fc.constant('take' as const) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const log = createMessageLog([]);
        let number = 0;
        let session = empty;
        for (const one of changes) {
          if (one.do === 'append') log.append(say(`m${number++ % 9}-${log.length}`, one.text));
          else if (one.do === 'last' && log.length > 0) log.replaceLast(say(log.last()?.id ?? '', one.text));
          else if (one.do === 'replace') {
            const id = log.messages()[one.at]?.id;
            if (id !== undefined) log.replace(id, say(id, one.text));
          } else if (one.do === 'cut') log.truncate(one.at);
          else if (one.do === 'take') session = applyEvents(session, log.takeEvents());
        }
        session = applyEvents(session, log.takeEvents());
        assert.deepEqual(session.history, log.messages());
      }),
    );
  });
});
