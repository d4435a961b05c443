/** `s-YYYYMMDD-<8 hex>`, the day in UTC; `now` gives ms since the epoch, `random` at least 8 hex digits. */
export function newSessionId(now: () => number, random: () => string): string {
  const day = new Date(now()).toISOString().slice(0, 10).replaceAll('-', '');
  return `s-${day}-${random().slice(0, 8)}`;
}
