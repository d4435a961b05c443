import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import readline from 'node:readline';
import { detectAgent, importTranscript } from '../../src/agents/index.ts';
import { type Bench, digits, inFolder, median } from './harness.ts';

/**
 * The import of a Claude Code transcript, and of the biggest sample of any agent where there are samples, beside reading
 * the file and JSON-parsing its lines (all of it, where it has none). Each run is a process of its own, since its peak
 * memory (less that of an idle one) is measured too.
 */
export const bench: Bench = {
  title: 'Import of a transcript',
  async run({ full }) {
    const rounds = full ? 7 : 3;
    const sample = await biggestSample();
    const rows = await inFolder(async (folder) => [
      ...(full ? [10, 50] : [10]).map((megabytes) => {
        const file = path.join(folder, 'transcript.jsonl');
        writeTranscript(file, megabytes * 1_000_000);
        return ['Claude Code, made up', ...measure(file, folder, rounds)];
      }),
      ...(sample === undefined ? [] : [[sample.name, ...measure(sample.file, folder, rounds)]]),
    ]);
    return {
      head: [
        'transcript',
        'MB',
        'read and parse lines, ms',
        'the same and keep them, ms',
        'import, ms',
        'ratio to the first',
        'to the second',
        'longest stall, ms',
        'import, MB of memory',
        'times the file',
      ],
      rows,
    };
  },
};

const SAMPLES = path.resolve(import.meta.dirname, '../../../shared/samples');

async function biggestSample(): Promise<{ readonly name: string; readonly file: string } | undefined> {
  if (!fs.existsSync(SAMPLES)) return undefined;
  const files = fs
    .readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.jsonl?$/.test(name))
    .map((name) => ({ name, file: path.join(SAMPLES, name), size: fs.statSync(path.join(SAMPLES, name)).size }))
    .sort((a, b) => b.size - a.size);
  for (const { name, file } of files) if ((await detectAgent(file)) !== undefined) return { name, file };
  return undefined;
}

interface Run {
  readonly ms: number;
  readonly stallMs: number;
  readonly bytes: number;
}

function measure(file: string, folder: string, rounds: number): string[] {
  const size = fs.statSync(file).size;
  const idle = child('idle', file, folder);
  const parses: Run[] = [];
  const keeps: Run[] = [];
  const imports: Run[] = [];
  for (let round = 0; round < rounds; round += 1) {
    parses.push(child('parse', file, folder));
    keeps.push(child('parse-and-keep', file, folder));
    imports.push(child('import', file, folder));
  }
  const parse = median(parses.map(({ ms }) => ms));
  const keep = median(keeps.map(({ ms }) => ms));
  const ours = median(imports.map(({ ms }) => ms));
  const memory = median(imports.map(({ bytes }) => bytes)) - idle.bytes;
  return [
    digits(size / 1e6),
    digits(parse),
    digits(keep),
    digits(ours),
    digits(ours / parse),
    digits(ours / keep),
    digits(median(imports.map(({ stallMs }) => stallMs))),
    digits(memory / 1e6),
    digits(memory / size),
  ];
}

function child(what: string, file: string, folder: string): Run {
  const { stdout, stderr, status } = spawnSync(process.execPath, [import.meta.filename, what, file, folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Run;
}

/** Turns of a prompt, a read of a 6 KB file, an edit and a command with 4 KB of output, as Claude Code writes them. */
function writeTranscript(file: string, bytes: number): void {
  const handle = fs.openSync(file, 'w');
  let written = 0;
  let parent: string | null = null;
  const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const write = (n: number, type: string, message: object, extra: object = {}): void => {
    const timestamp = new Date(1_790_000_000_000 + n * 1000).toISOString();
    const line = {
      parentUuid: parent,
      isSidechain: false,
      userType: 'external',
      cwd: '/work/shop',
      sessionId: id(1),
      version: '2.1.329',
      gitBranch: 'main',
      type,
      message,
      uuid: id(n),
      timestamp,
      ...extra,
    };
    parent = id(n);
    const text = `${JSON.stringify(line)}\n`;
    written += Buffer.byteLength(text);
    fs.writeSync(handle, text);
  };
  const answer = (n: number, content: object): object => ({
    id: `msg_${n}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-5',
    content: [content],
    usage: { input_tokens: 12, output_tokens: 34, cache_read_input_tokens: 5000, cache_creation_input_tokens: 60 },
  });
  for (let n = 10; written < bytes; n += 10) {
    const source = `// ${n}\n${'export function greet(name) { return "Hello, " + name; }\n'.repeat(105)}`;
    const name = `/work/shop/src/f${n % 300}.ts`;
    const lines = source.split('\n').length;
    const result = (call: string, content: string): object => ({
      role: 'user',
      content: [{ tool_use_id: call, type: 'tool_result', content }],
    });
    write(n, 'user', { role: 'user', content: `Prompt ${n}: make the greeting polite, and say why.` });
    write(n + 1, 'assistant', answer(n, { type: 'text', text: 'I will read the file first. '.repeat(8) }));
    write(n + 2, 'assistant', answer(n, { type: 'tool_use', id: `r${n}`, name: 'Read', input: { file_path: name } }));
    const numbered = source
      .split('\n')
      .map((line, index) => `${index + 1}\t${line}`)
      .join('\n');
    write(n + 3, 'user', result(`r${n}`, numbered), {
      toolUseResult: {
        type: 'text',
        file: { filePath: name, content: source, numLines: lines, startLine: 1, totalLines: lines },
      },
    });
    write(
      n + 4,
      'assistant',
      answer(n + 1, {
        type: 'tool_use',
        id: `e${n}`,
        name: 'Edit',
        input: { file_path: name, old_string: `// ${n}\n`, new_string: '// polite\n' },
      }),
    );
    write(n + 5, 'user', result(`e${n}`, `The file ${name} has been updated successfully.`), {
      toolUseResult: {
        filePath: name,
        oldString: `// ${n}\n`,
        newString: '// polite\n',
        originalFile: source,
        structuredPatch: [],
        userModified: false,
        replaceAll: false,
      },
    });
    const output = 'ok 1 - greets by name\n'.repeat(180);
    write(
      n + 6,
      'assistant',
      answer(n + 2, { type: 'tool_use', id: `b${n}`, name: 'Bash', input: { command: 'npm test' } }),
    );
    write(n + 7, 'user', result(`b${n}`, output), {
      toolUseResult: { stdout: output, stderr: '', interrupted: false },
    });
    write(n + 8, 'assistant', answer(n + 3, { type: 'text', text: 'Done: the greeting is polite now. '.repeat(10) }));
  }
  fs.closeSync(handle);
}

async function runChild(what: string, file: string, folder: string): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.reset();
  const started = performance.now();
  let kept: unknown;
  const isLines = file.endsWith('.jsonl');
  if (!isLines && what.startsWith('parse')) kept = JSON.parse(fs.readFileSync(file, 'utf8'));
  else if (what === 'parse') {
    for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) kept = JSON.parse(line);
  } else if (what === 'parse-and-keep') {
    const parsed: unknown[] = [];
    for await (const line of readline.createInterface({ input: fs.createReadStream(file) }))
      parsed.push(JSON.parse(line));
    kept = parsed;
  } else if (what === 'import') {
    kept = await importTranscript(file, { folder, now: Date.now, random: () => '0123456789abcdef' });
  }
  const ms = performance.now() - started;
  delay.disable();
  const bytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ ms, stallMs: delay.max / 1e6, bytes, kept: kept !== undefined }));
}

if (process.argv[1] === import.meta.filename) {
  const [what = '', file = '', folder = ''] = process.argv.slice(2);
  await runChild(what, file, folder);
}
