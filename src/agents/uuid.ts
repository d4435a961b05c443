const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Only such an id may become part of a command line or a file name. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A UUID of version 7: 48 bits of `ms` (since the epoch), the rest from `hash` (64 hex digits). */
export function uuidOf(ms: number, hash: string): string {
  const time = (Number.isFinite(ms) ? Math.max(0, ms) : 0).toString(16).padStart(12, '0').slice(-12);
  const variant = '89ab'[Number.parseInt(hash.charAt(3), 16) % 4];
  return [
    time.slice(0, 8),
    time.slice(8),
    `7${hash.slice(0, 3)}`,
    `${variant}${hash.slice(4, 7)}`,
    hash.slice(8, 20),
  ].join('-');
}
