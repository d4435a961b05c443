import { type Message, messageText, type Session } from '../core/index.ts';

/**
 * True where a transcript that was read anew goes on with what a session was saved from, so that its next revision
 * loses nothing. False where the transcript was cut or replaced since: then the saved session may be the only copy.
 */
export function goesOn(saved: Session, fresh: Session): boolean {
  const [before, now] = [saved.body.source, fresh.body.source];
  // The store goes on in one mirror as long as the transcript begins with its bytes: a turn that was taken back is in
  // them. That of a transcript that is rewritten is begun anew only where somebody has seen what was lost.
  const [held, mirrored] = [before?.raw, now?.raw];
  const oneMirror =
    before?.native_id === now?.native_id &&
    held !== undefined &&
    held.file === mirrored?.file &&
    held.file.endsWith('.jsonl');
  if (oneMirror && held.bytes <= mirrored.bytes) return true;
  // Other bytes, as where a fork was written natively: then the words tell, of which a message that was still being
  // written has more by now. Results of calls that were cut off are made up.
  const said = saved.history.filter(isSaid);
  const says = fresh.history.filter(isSaid);
  return said.every((message, index) => {
    const other = says[index];
    return other !== undefined && other.id === message.id && messageText(other).startsWith(messageText(message));
  });
}

function isSaid({ role }: Message): boolean {
  return role !== 'tool';
}
