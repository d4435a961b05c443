// @ts-check
// Runs npm in one of the nested folders that hold the tests' own tools.
import { spawnSync } from 'node:child_process';

/** Throws with a sentence that says what to do when npm fails.
 * @param {string} cwd @param {string[]} args */
export function npm(cwd, ...args) {
  // Do not let the project of an outer `npm run` leak into this install.
  const inherited = /^npm_(package_|lifecycle_|config_local_prefix$)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name)));
  // Install scripts are off: some of the packages would compile native code that nothing here needs.
  const run = spawnSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  if (run.status === 0) return;
  const said = `${run.error?.message ?? ''}${run.stdout ?? ''}${run.stderr ?? ''}`.trim();
  const offline = /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|network/i.test(said);
  const hint = offline
    ? '\nThe npm registry cannot be reached: connect to the network, or set a registry that you can reach, and run this again.'
    : '';
  throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${said}${hint}`);
}
