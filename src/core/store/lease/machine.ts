import fs from 'node:fs';
import os from 'node:os';
import { codeOf } from '../disk/files.ts';

/**
 * Where process numbers mean the same. A host name alone does not tell: WSL has that of its Windows, containers may share
 * one; so on Linux the boot and the PID namespace count too. Elsewhere platform and host name.
 */
export function thisMachine(): string {
  machine ??= describeMachine();
  return machine;
}

let machine: string | undefined;

function describeMachine(): string {
  const boot = readSmall('/proc/sys/kernel/random/boot_id', (file) => fs.readFileSync(file, 'utf8').trim());
  const namespace = readSmall('/proc/self/ns/pid', fs.readlinkSync);
  return [process.platform, os.hostname(), boot, namespace].filter((each) => each !== undefined).join(' ');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** When a process was started, in ticks since the boot (proc_pid_stat(5), field 22); undefined where that is not cheap. */
export function startOf(pid: number): string | undefined {
  return readSmall(`/proc/${pid}/stat`, (file) => {
    const text = fs.readFileSync(file, 'utf8');
    // Field 2, the program's name, may hold blanks and brackets.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  });
}

function readSmall<T>(file: string, read: (file: string) => T): T | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return read(file);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
