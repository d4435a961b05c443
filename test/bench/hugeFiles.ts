import fs from 'node:fs';
import path from 'node:path';
import { type Bench, digits, inFolder, sampleMessage, storeIn, timed, withStalls, writeSnapshot } from './harness.ts';

/** Files that could hold a window up: how long nothing else runs while they are listed, opened, forked and folded. */
export const bench: Bench = {
  title: 'Huge files: the longest stall',
  async run({ full }) {
    const megabytes = full ? 100 : 10;
    const rows: string[][] = [];
    await inFolder(async (folder) => {
      const root = path.join(folder, '.sessions');
      const [own, foreign] = [path.join(root, 'own.json'), path.join(root, 'foreign.json')];
      const big = writeSnapshot(own, 2 * megabytes * 1000, 's-own');
      const line = writeOneLine(foreign, megabytes * 1_000_000);
      const store = storeIn(folder);
      const measure = async (what: string, size: number, work: () => Promise<unknown>) => {
        let ms = 0;
        const { stall } = await withStalls(async () => {
          ms = await timed(work);
        });
        rows.push([what, `${digits(size / 1e6)} MB`, digits(ms), digits(stall), '20']);
      };
      const openLast = (name: string) => async () => {
        const opened = await store.open(name);
        if (opened.kind !== 'open') throw new Error(opened.kind);
        const { document } = opened;
        const page = await document.messages(document.messageCount - 200, document.messageCount);
        if (page.length !== 200) throw new Error(`${page.length} messages`);
        await document.close();
      };
      await measure('list both', big + line, async () => {
        if ((await store.list()).some(({ problems }) => problems.length > 0)) throw new Error('problems');
      });
      await measure('open: minified JSON on one line', line, openLast('foreign'));
      await measure('open: our own layout', big, openLast('own'));
      const loaded = async () => {
        if ((await store.load('foreign')).kind !== 'loaded') throw new Error('not loaded');
      };
      const fork = async () => {
        const outcome = await store.fork('own', { name: 'fork', messages: megabytes * 1000 });
        if (outcome.kind !== 'forked') throw new Error(outcome.kind);
        settled = outcome.settled;
      };
      let settled: Promise<void> = Promise.resolve();
      await measure('fork at the middle', big, fork);
      await measure('until its own file is written', big / 2, () => settled);
      await store.append('own', [{ type: 'message', message: sampleMessage(1e9) }]);
      await measure('fold', big, () => store.fold('own'));
      // Slices are short here, too: it is the garbage collector that holds on to 100,000 messages.
      await measure('load all into memory (pauses of the collector): minified JSON on one line', line, loaded);
      await store.close();
    });
    return { head: ['what', 'size', 'ms', 'longest stall, ms', 'limit, ms'], rows };
  },
};

/** A session as another program minifies it. Returns its bytes. */
function writeOneLine(file: string, bytes: number): number {
  const fd = fs.openSync(file, 'w');
  fs.writeSync(fd, '{"session_id":"s-foreign","created_at":"2026-01-01T00:00:00.000Z","history":[');
  let size = 0;
  for (let n = 0; size < bytes; n += 1000) {
    const block = Array.from({ length: 1000 }, (_, i) => JSON.stringify(sampleMessage(n + i))).join(',');
    size += fs.writeSync(fd, (n === 0 ? '' : ',') + block);
  }
  fs.writeSync(fd, ']}');
  fs.closeSync(fd);
  return fs.statSync(file).size;
}
