import type { ActiveSession } from '../session/activeSession.ts';

/**
 * Takes over what lies on the disk of a session that another one drives. Waits for this window's own writes, so that
 * nothing of them is taken back; false where the session is not to be read there now.
 */
export async function readDisk(session: ActiveSession): Promise<boolean> {
  const read = await session.journal.settled(async () => {
    const opened = await session.place.store.open(session.name);
    if (opened.kind !== 'open') return false;
    const { document } = opened;
    try {
      if (document.body.session_id !== session.body.session_id) return false;
      // Stamps that came meanwhile are newer than what was read.
      if (session.journal.pending.length === 0) session.adopt(document.body, document.messageCount);
      return true;
    } finally {
      await document.close();
    }
  });
  return read === true;
}
