import { spawn } from 'node:child_process';
import path from 'node:path';
import { type Bench, inFolder, storeIn, writeSnapshot } from './harness.ts';

/** Kills a process that auto-saves, folds and saves, at random moments, and looks what is left. */
export const bench: Bench = {
  title: 'kill -9 during auto-save',
  async run({ full }) {
    const kills = full ? 300 : 20;
    let [acknowledged, lost, unreadable, torn, listed] = [0, 0, 0, 0, 0];
    for (let kill = 0; kill < kills; kill++) {
      await inFolder(async (folder) => {
        writeSnapshot(path.join(folder, '.sessions/a.json'), 200);
        const ids = await killed(folder, 5 + ((kill * 37) % 150));
        acknowledged += ids.length;
        const store = storeIn(folder);
        const result = await store.load('a');
        if (result.kind !== 'loaded') unreadable += 1;
        else {
          const found = new Set(result.session.history.map(({ id }) => id));
          lost += ids.filter((id) => !found.has(id)).length;
          if (found.size < 200) unreadable += 1;
          if (result.problems.some(({ code }) => code === 'torn-line')) torn += 1;
        }
        const [row] = await store.list();
        if (row?.head?.session_id === 's-1' && row.problems.every(({ code }) => code === 'torn-line')) listed += 1;
        // What was left must not stand in the way of the next process.
        const next = await store.append('a', [{ type: 'head', set: { state: 'resumed' } }]);
        const folded = await store.fold('a');
        if (next.kind !== 'appended' || folded.kind !== 'saved') unreadable += 1;
        await store.close();
      });
    }
    return {
      head: ['kills', 'acknowledged messages', 'of them lost', 'unreadable', 'torn tails (told)', 'listed right'],
      rows: [[kills, acknowledged, lost, unreadable, torn, listed].map(String)],
    };
  },
};

/** Starts a saver, kills it `ms` after its first acknowledgement and returns the ids that it acknowledged. */
async function killed(folder: string, ms: number): Promise<string[]> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'killAutoSaveChild.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.on('data', (text) => {
    output += text;
    timer ??= setTimeout(() => child.kill('SIGKILL'), ms);
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  // A last line without its end was cut off by the kill itself.
  return output.split('\n').slice(0, -1);
}
