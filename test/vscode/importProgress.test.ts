import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { saveTranscript } from '../../src/vscode/commands/saveTranscript.ts';
import { bytesText, longWork } from '../../src/vscode/longWork.ts';
import { makeParts, type Parts } from './support/parts.ts';
import { api, claudeTranscript, reset, scratch, sessions, until } from './support/world.ts';

interface Shown {
  readonly options: vscode.ProgressOptions;
  readonly reports: { readonly message?: string; readonly increment?: number }[];
  cancel(): void;
}

/** Stands in for the notification with a bar and a Cancel button. */
function watchProgress(onReport: (shown: Shown) => void = () => undefined) {
  const window = vscode.window as unknown as { withProgress: unknown };
  const real = window.withProgress;
  const all: Shown[] = [];
  window.withProgress = (options: vscode.ProgressOptions, task: (progress: unknown, token: unknown) => unknown) => {
    const stop = new vscode.CancellationTokenSource();
    const shown: Shown = { options, reports: [], cancel: () => stop.cancel() };
    all.push(shown);
    const report = (step: Shown['reports'][number]): void => {
      shown.reports.push(step);
      onReport(shown);
    };
    return task({ report }, stop.token);
  };
  return {
    all,
    restore() {
      window.withProgress = real;
    },
  };
}

describe('Work that takes long', () => {
  it('shows nothing while it is quick', async () => {
    const progress = watchProgress();
    try {
      assert.equal(await longWork('Quick', async () => 7), 7);
      assert.deepEqual(progress.all, []);
    } finally {
      progress.restore();
    }
  });

  it('says how far it is once it takes longer, from where it is then, and can be cancelled', async () => {
    const progress = watchProgress((shown) => {
      if (shown.reports.length === 2) shown.cancel();
    });
    try {
      const work = longWork('Slow', async ({ signal, tell }) => {
        tell(0.4, 'begun');
        await new Promise<void>((_, reject) => {
          const timer = setInterval(() => tell(0.6, 'on'), 20);
          signal.addEventListener('abort', () => {
            clearInterval(timer);
            reject(signal.reason);
          });
        });
      });
      await assert.rejects(work, vscode.CancellationError);
      const [shown] = progress.all;
      assert.equal(shown?.options.title, 'Slow');
      assert.equal(shown?.options.cancellable, true);
      assert.deepEqual(shown?.reports, [
        { increment: 60, message: 'on' },
        { increment: 0, message: 'on' },
      ]);
    } finally {
      progress.restore();
    }
  });

  it('makes no link of a name, which a click would follow', async () => {
    const progress = watchProgress();
    const link = '[a](command:workbench.action.quit)';
    let told = (): void => undefined;
    const seen = new Promise<void>((resolve) => {
      told = resolve;
    });
    try {
      const work = longWork(`Importing ${link}`, async ({ tell }) => {
        tell(0.1, link);
        await seen;
      });
      await until(() => progress.all[0]?.reports.length === 1, 'the progress');
      told();
      await work;
      assert.equal(progress.all[0]?.options.title, 'Importing [a] (command:workbench.action.quit)');
      assert.equal(progress.all[0]?.reports[0]?.message, '[a] (command:workbench.action.quit)');
    } finally {
      progress.restore();
    }
  });

  it('tells percent and size', () => {
    assert.equal(bytesText(6 * 1024 * 1024, 12 * 1024 * 1024), '50 % of 12.0 MB');
    assert.equal(bytesText(0, 0), '0 % of 0 bytes');
  });
});

describe('Importing a long transcript', () => {
  let parts: Parts;
  const real = globalThis.setTimeout;

  beforeEach(async () => {
    await api();
    await reset();
    parts = makeParts();
    // So that even a machine that reads fast shows its progress.
    const soon = (run: () => void, ms?: number) => real(run, ms === 500 ? 0 : ms);
    globalThis.setTimeout = Object.assign(soon, real) as typeof setTimeout;
  });
  afterEach(async () => {
    globalThis.setTimeout = real;
    await parts.dispose();
    await reset();
  });

  /** Claude Code's session of the sample, with an image in it, made long. */
  function long(): string {
    const lines = fs.readFileSync(claudeTranscript(), 'utf8').trimEnd().split('\n');
    const last = lines.map((line) => JSON.parse(line)).findLast((line) => line.uuid !== undefined);
    const data = Buffer.alloc(20_000, 7).toString('base64');
    const image = [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }];
    let parentUuid: string = last.uuid;
    for (let i = 0; i < 400; i++) {
      const uuid = `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`;
      lines.push(
        JSON.stringify({ ...last, type: 'user', uuid, parentUuid, message: { role: 'user', content: image } }),
      );
      parentUuid = uuid;
    }
    const file = path.join(scratch(), 'long.jsonl');
    fs.writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  }
  const left = (): string[] =>
    fs.existsSync(sessions) ? fs.readdirSync(sessions, { recursive: true, encoding: 'utf8' }) : [];

  it('leaves nothing half done when it is cancelled: no session, no mirror, no images', async () => {
    const file = long();
    const progress = watchProgress((shown) => shown.cancel());
    const [place] = parts.places.all();
    assert.ok(place);
    try {
      const importing = saveTranscript({ log: parts.log, catalog: parts.catalog } as never, place, {
        file,
        title: 'Importing long.jsonl',
        name: 'long',
      });
      await assert.rejects(importing, vscode.CancellationError);
      assert.equal(progress.all.length, 1);
      assert.match(progress.all[0]?.reports[0]?.message ?? '', /^$|^\d+ % of \d+\.\d MB$/);
      assert.deepEqual(left(), []);
    } finally {
      progress.restore();
      fs.rmSync(path.dirname(file), { recursive: true });
    }
  });

  it('keeps everything when it is not', async () => {
    const file = long();
    const progress = watchProgress();
    const [place] = parts.places.all();
    assert.ok(place);
    try {
      const saved = await saveTranscript({ log: parts.log, catalog: parts.catalog } as never, place, {
        file,
        title: 'Importing long.jsonl',
        name: 'long',
      });
      assert.equal(saved.messages > 400, true);
      assert.ok(left().some((name) => name.startsWith('blobs/')) && left().some((name) => name.startsWith('raw/')));
    } finally {
      progress.restore();
      fs.rmSync(path.dirname(file), { recursive: true });
    }
  });
});
