// The longer texts that the sample sessions write, and the picture that they show.
export const TOTAL = `    total() {
      return toText(lines.reduce((all, line) => all + line.cents * line.count, 0));
    },
`;
export const TOTAL_WITH_DISCOUNT = `    discount(percent) {
      if (!(percent >= 0 && percent <= 100)) throw new RangeError('a discount is 0 to 100 percent');
      percentOff = percent;
    },
    total() {
      const sum = lines.reduce((all, line) => all + line.cents * line.count, 0);
      return toText(Math.round((sum * (100 - percentOff)) / 100));
    },
`;
export const CART_TEST = `import assert from 'node:assert/strict';
import test from 'node:test';
import { createCart } from '../src/cart.js';

test('a discount is taken off the whole sum', () => {
  const cart = createCart();
  cart.add('tea', 450, 2);
  cart.discount(10);
  assert.equal(cart.total(), '8.10');
});
`;
export const LOGIN_STATE = `const MAX_TRIES = 5;
const WINDOW_MS = 15 * 60 * 1000;

const users = new Map();
/** Times of failed tries by name. */
const failures = new Map();
`;
export const LOGIN = `export function login(name, password) {
  const user = users.get(name);
  if (user === undefined) return { kind: 'refused' };
  const same = timingSafeEqual(user.hash, digest(password, user.salt));
  return same ? { kind: 'welcome', name } : { kind: 'refused' };
}
`;
export const LOGIN_WITH_LIMIT = `/** Five tries in a quarter of an hour; \`now\` is in ms. */
export function login(name, password, now) {
  const tries = (failures.get(name) ?? []).filter((at) => now - at < WINDOW_MS);
  if (tries.length >= MAX_TRIES) return { kind: 'wait', ms: tries[0] + WINDOW_MS - now };
  const user = users.get(name);
  const same = user !== undefined && timingSafeEqual(user.hash, digest(password, user.salt));
  if (same) {
    failures.delete(name);
    return { kind: 'welcome', name };
  }
  failures.set(name, [...tries, now]);
  return { kind: 'refused' };
}
`;
export const LOGIN_TEST = `import assert from 'node:assert/strict';
import test from 'node:test';
import { login, register } from '../src/auth.js';

test('after five failed tries a login has to wait', () => {
  register('ada', 'right', 'salt');
  for (let n = 0; n < 5; n++) assert.equal(login('ada', 'wrong', n).kind, 'refused');
  assert.equal(login('ada', 'right', 5).kind, 'wait');
  assert.equal(login('ada', 'right', 16 * 60 * 1000).kind, 'welcome');
});
`;
export const NOTICE =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAAAYCAAAAABv36SYAAAANUlEQVR4nGN49uzZsy1btmwhl2YYBgZQohlEDwcDBj4WBt6AgY+FgTdg4GNh4A0Y+FgYcAMAibTOPc2oQEoAAAAASUVORK5CYII=';
