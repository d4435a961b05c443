/** A time as it may stand among our own words; undefined for a text that is none, since it may say anything. */
export function isoTime(text: string | undefined): string | undefined {
  return text !== undefined && ISO_TIME.test(text) ? text : undefined;
}

/** With seconds, parts of them, and a time zone as git (`%aI`) and JavaScript write them. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
