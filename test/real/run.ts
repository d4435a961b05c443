// Runs the tests with the real agents, where there is no network but the loopback:
//   npm run test:agents [-- mocha's arguments]
// The agents with open licences are installed into test/real/programs; the others count when HOLDFAST_CLAUDE and
// HOLDFAST_COPILOT name their programs.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { offline, whyNotOffline } from '../support/record/offline.ts';
import { installPrograms } from './installPrograms.ts';

const root = path.resolve(import.meta.dirname, '../..');
const installed = await installPrograms();
const why = whyNotOffline();
const env = {
  ...process.env,
  ...('why' in installed ? { HOLDFAST_NO_AGENTS: installed.why } : installed.programs),
  ...(why === undefined ? {} : { HOLDFAST_NO_AGENTS: why }),
};
const words = [
  process.execPath,
  path.join(root, 'node_modules/mocha/bin/mocha.js'),
  '--config',
  path.join(root, 'test/real/mocharc.cjs'),
  ...process.argv.slice(2),
];
const [command = '', ...args] = why === undefined ? offline(words) : words;
process.exitCode = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
