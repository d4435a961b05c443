// Runs recordSamples.ts where there is no network but the loopback.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { offline } from './offline.ts';

const [command = '', ...args] = offline([process.execPath, path.join(import.meta.dirname, 'recordSamples.ts')]);
process.exitCode = spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
