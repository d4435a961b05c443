import { isUuid } from './uuid.ts';

/** A command whose id cannot be anything but an id: it ends up in a terminal. Throws on any other. */
export function resumeWith(command: string, option: string, nativeId: string): { command: string; args: string[] } {
  if (!isUuid(nativeId)) throw new Error(`not a session id: ${JSON.stringify(nativeId.slice(0, 80))}`);
  return { command, args: [option, nativeId] };
}
