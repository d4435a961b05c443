const LOG_HEAD = /^\ufeff?\s*\{\s*"kind"\s*:\s*0\s*,\s*"v"\s*:\s*\{/;
const MARKS = /"(?:requestId|responderUsername|requesterUsername|initialLocation|creationDate)"\s*:/;

/** A chat as VS Code keeps it (a mutation log, or one object), or as it exports one. */
export function recognises(head: string): boolean {
  if (LOG_HEAD.test(head)) return MARKS.test(head) || /"requests"\s*:/.test(head);
  return /^\ufeff?\s*\{/.test(head) && /"requests"\s*:\s*\[/.test(head) && MARKS.test(head);
}
