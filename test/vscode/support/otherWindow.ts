import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { LeaseHolder } from '../../../src/core/index.ts';
import type { OtherStore } from './otherWindowChild.ts';
import { folder } from './world.ts';

/** A process that drives sessions of the sample workspace, as another window does. Whoever opens it closes it. */
export interface OtherWindow extends OtherStore {
  readonly pid: number;
  /** Takes a session's lease; fails the test where it is not given. */
  drive(sessionId: string, takeOver?: boolean): Promise<LeaseHolder>;
  release(): Promise<void>;
  /** Who took each lease that it has lost. */
  readonly lost: readonly (LeaseHolder | null)[];
  /** Lets it go on its own. */
  close(): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
}

export function openOtherWindow(): OtherWindow {
  const child = spawn(process.execPath, [script(), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_V8_COVERAGE: '', NODE_OPTIONS: '' },
  });
  const { pid } = child;
  assert.ok(pid !== undefined);
  const lost: (LeaseHolder | null)[] = [];
  const waiting = new Map<number, (answer: unknown) => void>();
  createInterface(child.stdout).on('line', (line) => {
    const said = JSON.parse(line);
    if ('lost' in said) lost.push(said.lost);
    else waiting.get(said.id)?.(said.answer);
  });
  const gone = new Promise<void>((resolve) => void child.on('close', () => resolve()));
  let calls = 0;
  const call = <T>(method: string, ...args: readonly unknown[]): Promise<T> => {
    calls += 1;
    const id = calls;
    child.stdin.write(`${JSON.stringify({ id, method, args })}\n`);
    const answer = new Promise<unknown>((resolve) => void waiting.set(id, resolve));
    const died = gone.then(() => assert.fail(`the other window ended before it answered ${method}`));
    return Promise.race([answer, died]) as Promise<T>;
  };
  return {
    pid,
    lost,
    async drive(sessionId, takeOver = false) {
      const outcome = await call<{ kind: string; holder: LeaseHolder }>('take', sessionId, takeOver);
      assert.equal(outcome.kind, 'taken', JSON.stringify(outcome));
      return outcome.holder;
    },
    release: () => call('release'),
    append: (...args) => call('append', ...args),
    rename: (...args) => call('rename', ...args),
    delete: (...args) => call('delete', ...args),
    fold: (...args) => call('fold', ...args),
    close() {
      child.stdin.end();
      return gone;
    },
    kill() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

/** The bundle that runs in VS Code lies somewhere below the project. */
function script(): string {
  for (let dir = import.meta.dirname; dir !== path.dirname(dir); dir = path.dirname(dir)) {
    const file = path.join(dir, 'test/vscode/support/otherWindowChild.ts');
    if (fs.existsSync(file)) return file;
  }
  throw new Error('otherWindowChild.ts is not there');
}
