// Starts VS Code: server, extension host and workbench.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureHost } from './setup.ts';

export interface ServerOptions {
  /** Allows the tests' payload in the address. It also hides toasts and refuses modal dialogs, so not for a person's view. */
  readonly testDriver?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Folders of extensions that are loaded as they are. */
  readonly extensions?: readonly string[];
  /** A packaged extension to install. */
  readonly vsix?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Untrusted folders then open in Restricted Mode, as they do for a person. */
  readonly workspaceTrust?: boolean;
}

export interface Server {
  /** The server's own throw-away folder; it goes when the server stops. */
  readonly dir: string;
  readonly port: number;
  /** Resolves with the reason when the server ends. */
  readonly exited: Promise<string>;
  /** The URI under which the workbench knows a file of this machine. */
  remote(file: string): string;
  /** The address of the workbench with a folder (or a .code-workspace file) open. */
  url(folder: string, payload?: readonly (readonly [string, string])[]): string;
  log(): string;
  stop(): Promise<void>;
  /** As stop, but at once: for signal handlers. */
  kill(): void;
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { node, server } = await ensureHost();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-host-'));
  const extensions = path.join(dir, 'extensions');
  fs.mkdirSync(extensions);
  writeSettings(path.join(dir, 'data/User'), options.settings);
  for (const folder of options.extensions ?? []) linkExtension(folder, extensions);
  const places = ['--server-data-dir', path.join(dir, 'server'), '--extensions-dir', extensions];
  const common = [server, '--accept-server-license-terms', ...places];
  if (options.vsix) {
    const run = spawnSync(node, [...common, '--install-extension', options.vsix, '--force'], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${options.vsix} cannot be installed: ${run.stdout}${run.stderr}`);
  }

  const args = ['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'];
  args.push('--user-data-dir', path.join(dir, 'data'), '--telemetry-level', 'off');
  if (!options.workspaceTrust) args.push('--disable-workspace-trust');
  if (options.testDriver) args.push('--enable-smoke-test-driver');
  const child = spawn(node, [...common, ...args], {
    detached: true, // a process group of its own, so that stopping reaches the extension host too
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.env },
  });
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid) process.kill(-child.pid, name);
    } catch {
      // Already gone.
    }
  };
  const remove = (): void => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, by) => resolve(`the server ended (${by ?? code})`));
  });
  let log = '';
  const port = await new Promise<number>((resolve, reject) => {
    const onData = (data: Buffer): void => {
      log += data;
      const found = /Web UI available at \S+:(\d+)/.exec(log);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    void exited.then((why) => reject(new Error(`${why}\n${log}`)));
  });

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    signal('SIGTERM');
    await Promise.race([exited, delay(5000)]);
    signal('SIGKILL');
    remove();
  };
  return {
    dir,
    port,
    exited,
    remote: (file) => `vscode-remote://127.0.0.1:${port}${path.resolve(file)}`,
    url: (folder, payload) => {
      const opens = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
      const place = encodeURI(path.resolve(folder))
        .replaceAll('#', '%23')
        .replaceAll('?', '%3F')
        .replaceAll('&', '%26');
      const given = payload ? `&payload=${encodeURIComponent(JSON.stringify(payload))}` : '';
      return `http://127.0.0.1:${port}/?${opens}=${place}${given}`;
    },
    log: () => log,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    kill: () => {
      signal('SIGKILL');
      remove();
    },
  };
}

function writeSettings(folder: string, settings: ServerOptions['settings']): void {
  const quiet = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'settings.json'), 'utf8'));
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ ...quiet, ...settings }, null, 2));
}

function linkExtension(folder: string, into: string): void {
  const { publisher, name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  fs.symlinkSync(path.resolve(folder), path.join(into, `${publisher}.${name}-${version}`));
}
