import { spawnSync } from 'node:child_process';

/** A network namespace of its own; with root's rights in it, to bring its loopback up. */
const NAMESPACES = [
  ['--map-root-user', '--net'],
  // Where root may not make namespaces of users, it needs none.
  ['--net'],
] as const;

function usable(): readonly string[] | undefined {
  return NAMESPACES.find(
    (words) => spawnSync('unshare', [...words, 'sh', '-c', 'ip link set lo up'], { stdio: 'ignore' }).status === 0,
  );
}

/** Why no program can be kept off the network here; undefined where it can. */
export function whyNotOffline(): string | undefined {
  return usable() === undefined
    ? 'this needs Linux with `unshare` and `ip` and the right to make network namespaces: nothing else keeps the agents off the network'
    : undefined;
}

/** A command line that runs another one where there is no network but the loopback, so that no agent can reach anybody. */
export function offline(command: readonly string[]): readonly string[] {
  const words = usable();
  if (words === undefined) throw new Error(whyNotOffline());
  return ['unshare', ...words, 'sh', '-c', 'ip link set lo up && exec "$@"', 'offline', ...command];
}
