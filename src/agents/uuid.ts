const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Only such an id may become part of a command line or a file name. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
