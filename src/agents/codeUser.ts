import { join } from 'node:path';
import type { AgentHome } from './agent.ts';
import { namesIn } from './files.ts';

/** Editors that keep their `User` folder where VS Code does, under a name of their own. */
const EDITORS = ['Code', 'Code - Insiders', 'VSCodium', 'VSCodium - Insiders', 'Cursor', 'Windsurf'];

/** Where an editor's extensions live on a machine that it is connected to: below the home folder there. */
const SERVERS = ['.vscode-server', '.vscode-server-insiders', '.vscodium-server', '.cursor-server', '.windsurf-server'];

/**
 * The `User` folders of VS Code and its kin, absolute; whether they exist is not looked at. `where.userData` stands
 * alone. Otherwise those that are usual on this system (FORMATS 4A), code-server's and those of servers included.
 */
export function userFolders(where: AgentHome, platform: NodeJS.Platform = process.platform): readonly string[] {
  if (where.userData !== undefined) return [where.userData];
  const config = configFolder(where, platform);
  const shared = platform === 'linux' ? where.env?.['XDG_DATA_HOME'] || join(where.home, '.local', 'share') : config;
  return [
    ...EDITORS.map((editor) => join(config, editor, 'User')),
    join(shared, 'code-server', 'User'),
    ...SERVERS.map((server) => join(where.home, server, 'data', 'User')),
  ];
}

function configFolder(where: AgentHome, platform: NodeJS.Platform): string {
  switch (platform) {
    case 'win32':
      return where.env?.['APPDATA'] || join(where.home, 'AppData', 'Roaming');
    case 'darwin':
      return join(where.home, 'Library', 'Application Support');
    default:
      return where.env?.['XDG_CONFIG_HOME'] || join(where.home, '.config');
  }
}

/** Folders with a `settings.json` and a `globalStorage`: each `User` folder, and the profiles below it. */
export async function profileFolders(where: AgentHome): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const user of userFolders(where)) {
    const profiles = join(user, 'profiles');
    folders.push(user, ...(await namesIn(profiles)).map((name) => join(profiles, name)));
  }
  return folders;
}

/**
 * The path that a `file:` URI means on its own machine: `C:\x` of `file:///c%3A/x`. Undefined for any other scheme
 * (`vscode-remote:` is a folder of another machine), and for what is no URI.
 */
export function pathOfUri(uri: string): string | undefined {
  let url: URL;
  let path: string;
  try {
    url = new URL(uri);
    path = decodeURIComponent(url.pathname);
  } catch {
    // Whoever asks treats it as a folder that is not here.
    return undefined;
  }
  if (url.protocol !== 'file:' || path.includes('\0')) return undefined;
  if (url.hostname !== '' && url.hostname !== 'localhost') return `\\\\${url.hostname}${path.replaceAll('/', '\\')}`;
  const drive = /^\/([A-Za-z]):(.*)$/s.exec(path);
  return drive === null ? path : `${(drive[1] as string).toUpperCase()}:${(drive[2] as string).replaceAll('/', '\\')}`;
}
