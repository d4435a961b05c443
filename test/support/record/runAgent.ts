import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Where an agent runs: all that it writes stays below `home`. */
export interface AgentRun {
  /** The agent's own program. */
  readonly program: string;
  /** Its working folder. */
  readonly folder: string;
  readonly home: string;
  /** Of the loopback model. */
  readonly url: string;
}

export const CLAUDE_MODEL = 'claude-sonnet-4-5-20250929';
/** A model of Codex's own catalogue, to which it offers exec_command and apply_patch. */
export const CODEX_MODEL = 'gpt-5.5';

/** The programs that the environment names: HOLDFAST_CLAUDE and HOLDFAST_CODEX. */
export function agentPrograms(env: Readonly<Record<string, string | undefined>>): {
  readonly claude: string | undefined;
  readonly codex: string | undefined;
} {
  return { claude: env['HOLDFAST_CLAUDE'], codex: env['HOLDFAST_CODEX'] };
}

/** The version that a program tells; throws where it does not run. */
export function versionOf(program: string): string {
  const { stdout, status, error } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 60_000 });
  const version = /\d+\.\d+\.\d+(?:-[\w.]+)?/.exec(stdout ?? '')?.[0];
  if (status !== 0 || version === undefined) throw new Error(`${program} --version failed: ${error ?? status}`);
  return version;
}

/** One turn of Claude Code, not interactive. Resolves with what it printed, throws when it fails. */
export function runClaude(run: AgentRun, args: readonly string[], input = ''): Promise<string> {
  const tmp = path.join(run.home, 'tmp');
  fs.mkdirSync(tmp, { recursive: true });
  return runProgram(run, ['-p', '--model', CLAUDE_MODEL, ...args], input, {
    ANTHROPIC_API_KEY: 'loopback',
    ANTHROPIC_BASE_URL: run.url,
    CLAUDE_CONFIG_DIR: path.join(run.home, '.claude'),
    CLAUDE_CODE_TMPDIR: tmp,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
  });
}

/** One turn of Codex, not interactive. Resolves with what it printed, throws when it fails. */
export function runCodex(run: AgentRun, args: readonly string[]): Promise<string> {
  configureCodex(run);
  return runProgram(run, ['exec', ...args], '', { CODEX_HOME: codexHome(run), CODEX_API_KEY: 'loopback' });
}

const codexHome = ({ home }: AgentRun): string => path.join(home, '.codex');

export function configureCodex(run: AgentRun): void {
  fs.mkdirSync(codexHome(run), { recursive: true });
  fs.writeFileSync(path.join(codexHome(run), 'config.toml'), codexConfig(run));
}

function codexConfig({ url, folder }: AgentRun): string {
  return `model = "${CODEX_MODEL}"
openai_base_url = "${url}/v1"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[analytics]
enabled = false
[feedback]
enabled = false
[otel]
exporter = "none"
[projects."${folder}"]
trust_level = "trusted"
${['fake', 'mock'].map((provider) => providerConfig(provider, url)).join('')}`;
}

/** Codex resumes a session only under the provider that it was recorded with: these are the samples'. */
function providerConfig(provider: string, url: string): string {
  return `[model_providers.${provider}]
name = "${provider}"
base_url = "${url}/v1"
env_key = "CODEX_API_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;
}

function runProgram(
  run: AgentRun,
  args: readonly string[],
  input: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  // Nothing of the developer's own environment reaches an agent but where programs are.
  const PATH = [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter);
  const child = spawn(run.program, args, { cwd: run.folder, env: { PATH, PWD: run.folder, HOME: run.home, ...env } });
  let out = '';
  let said = '';
  child.stdout.on('data', (bytes) => {
    out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(out);
      else reject(new Error(`${run.program} ${args.join(' ')} ended with ${code}\n${said}${out}`));
    });
  });
}

/** One turn of Gemini CLI, not interactive; `args` may name a session to resume. */
export function runGemini(run: AgentRun, args: readonly string[]): Promise<string> {
  const file = path.join(run.home, '.gemini/settings.json');
  if (!fs.existsSync(file)) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(geminiSettings));
  }
  return runProgram(run, [...args, '-o', 'json', '--approval-mode', 'yolo'], '', {
    GEMINI_CLI_HOME: run.home,
    GEMINI_API_KEY: 'loopback',
    GOOGLE_GEMINI_BASE_URL: run.url,
    GEMINI_CLI_NO_RELAUNCH: 'true',
    GEMINI_TELEMETRY_ENABLED: 'false',
    GEMINI_FORCE_FILE_STORAGE: 'true',
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  });
}

const geminiSettings = {
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false, checkpointing: { enabled: false } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  ide: { enabled: false },
  model: { name: 'gemini-2.5-flash' },
};

/** A command of opencode: `run …`, `import …`. */
export function runOpencode(run: AgentRun, args: readonly string[]): Promise<string> {
  configureOpencode(run);
  return runProgram(run, args, '', {
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    OPENCODE_DISABLE_SHARE: '1',
  });
}

export function configureOpencode(run: AgentRun): void {
  const config = path.join(run.home, '.config/opencode');
  if (!fs.existsSync(config)) {
    fs.mkdirSync(config, { recursive: true });
    stubPlugins(config);
  }
  fs.writeFileSync(path.join(config, 'opencode.json'), JSON.stringify(opencodeConfig(run.url)));
}

/** opencode installs a package for its plugins, and waits for ever where there is no network; this looks installed. */
export function stubPlugins(folder: string): void {
  const dependencies = { '@opencode-ai/plugin': '*' };
  fs.mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ dependencies }));
  const lock = { lockfileVersion: 3, packages: { '': { dependencies } } };
  fs.writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
}

function opencodeConfig(url: string): object {
  const model = { name: 'Fake model', tool_call: true, limit: { context: 128_000, output: 8000 } };
  return {
    autoupdate: false,
    share: 'disabled',
    enabled_providers: ['fake'],
    model: 'fake/fake-model',
    small_model: 'fake/fake-model',
    provider: {
      fake: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Fake',
        options: { baseURL: `${url}/v1`, apiKey: 'loopback' },
        models: { 'fake-model': model },
      },
    },
    permission: { edit: 'allow', bash: 'allow' },
  };
}

/** One turn of Copilot CLI, not interactive, with a model of one's own. */
export function runCopilot(run: AgentRun, args: readonly string[]): Promise<string> {
  const home = path.join(run.home, '.copilot');
  fs.mkdirSync(home, { recursive: true });
  // Hooks of a folder run only where it is trusted; the flag for that does not go with `--resume`.
  const config = path.join(home, 'config.json');
  if (!fs.existsSync(config)) fs.writeFileSync(config, JSON.stringify({ trusted_folders: [run.folder] }));
  const words = [...args, '--allow-all-tools', '--output-format', 'json', '--no-auto-update'];
  return runProgram(run, words, '', {
    COPILOT_HOME: home,
    COPILOT_PROVIDER_BASE_URL: `${run.url}/v1`,
    COPILOT_PROVIDER_API_KEY: 'loopback',
    COPILOT_MODEL: 'fake-model',
    COPILOT_OFFLINE: 'true',
    COPILOT_AUTO_UPDATE: 'false',
  });
}
