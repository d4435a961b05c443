// Runs a script where there is no network but the loopback, so that no agent can reach anybody.
//   node test/support/record/offline.ts script.ts [arguments]
import { spawnSync } from 'node:child_process';
import { agentPrograms } from './runAgent.ts';

const { claude, codex } = agentPrograms(process.env);
const node = [process.execPath, ...process.argv.slice(2)];
/** A network namespace of its own; with root's rights in it, to bring its loopback up. */
const namespace = ['--map-root-user', '--net'];

function shielded(): readonly string[] {
  // Without an agent there is nobody to keep off the network: the script says itself what is missing.
  if (claude === undefined && codex === undefined) return node;
  if (spawnSync('unshare', [...namespace, 'true'], { stdio: 'ignore' }).status !== 0)
    throw new Error('Needs Linux with user namespaces and `unshare`: nothing else keeps the agents off the network.');
  return ['unshare', ...namespace, 'sh', '-c', 'ip link set lo up && exec "$@"', 'offline', ...node];
}

const [command = '', ...args] = shielded();
process.exitCode = spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
