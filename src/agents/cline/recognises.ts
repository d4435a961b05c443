import { win32 } from 'node:path';

const HISTORY = 'api_conversation_history.json';
const VIEW = 'ui_messages.json';
/** What only Cline and its kin write into a conversation. */
const MARKS = /<environment_details>|\[TASK RESUMPTION\]|# task_progress RECOMMENDED|\[[a-z_]+ for '[^'\n]*'\] Result:/;
/** What only Roo Code writes. */
const ROO_MARKS =
  /"(?:condenseId|condenseParent|truncationId|truncationParent)"\s*:|# VSCode (?:Visible Files|Open Tabs)[\s\S]*<slug>|roo-cline|kilocode|kilo-code/;

/** A task of Cline or of Roo Code: by its name, or by what stands in it where the name was lost. */
export function isTask(head: string, file: string): boolean {
  // A transcript may come from any system: this one knows both kinds of slashes.
  const name = win32.basename(file);
  const list = /^\ufeff?\s*\[/.test(head);
  if (!list) return false;
  if (name === VIEW || isView(head)) return isView(head);
  const talk = /"role"\s*:\s*"(?:user|assistant)"/.test(head) && /"content"\s*:/.test(head);
  return talk && (name === HISTORY || MARKS.test(head));
}

function isView(head: string): boolean {
  return (
    /^\ufeff?\s*\[\s*\{/.test(head) && /"type"\s*:\s*"(?:say|ask)"/.test(head) && /"(?:say|ask)"\s*:\s*"\w+"/.test(head)
  );
}

/** A task's folder tells whose it is, or what stands in it. */
export function isRooTask(head: string, file: string): boolean {
  const path = file.replaceAll('\\', '/');
  return (
    isTask(head, file) &&
    (/\/(?:rooveterinaryinc\.roo-cline|kilocode\.kilo-code|roo-code|kilo-code)\//.test(path) || ROO_MARKS.test(head))
  );
}

/** `<id>.messages.json` of the SDK. */
export function isSession(head: string): boolean {
  return (
    /^\ufeff?\s*\{\s*"version"\s*:\s*1\s*,/.test(head) &&
    /"sessionId"\s*:\s*"/.test(head) &&
    (/"agent"\s*:\s*"/.test(head) || /"updated_at"\s*:\s*"/.test(head))
  );
}

/** `file` is its path. */
export function recognises(head: string, file: string): boolean {
  return isSession(head) || isTask(head, file);
}
