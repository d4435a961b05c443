// Builds what ships: node esbuild.mjs [--production] [--watch] [--meta] [--only hook]
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { analyzeMetafile, build, context, transform } from 'esbuild';

const { values: wanted } = parseArgs({
  options: {
    production: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    meta: { type: 'boolean', default: false },
    /** One bundle, by the name of its file; what is made of all of them stays as it is. */
    only: { type: 'string' },
  },
});

/** The Node of the oldest VS Code that engines.vscode claims. */
const target = 'node22.22';

const common = {
  // jsonc-parser's other form hides from a bundler what it requires.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target,
  // jsonc-parser's other form requires its parts by names that are computed.
  mainFields: ['module', 'main'],
  charset: 'utf8',
  legalComments: 'none',
  minify: wanted.production,
  sourcemap: !wanted.production,
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: import.meta.dirname,
};

/** Leaves chokidar out of the bundle that VS Code loads at start: `await import('chokidar')` requires the file beside it. */
const chokidarBeside = {
  name: 'chokidar-beside',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^chokidar$/ }, () => ({ path: './chokidar.cjs', external: true }));
  },
};

/** The machines for which the exchange of two files' names ships; on others a rename takes its place. */
const MACHINES = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
const NATIVE = 'node_modules/fs-native-extensions';

/** Of this library only its machine code is needed: the file of the machine, from a folder beside the bundle. */
const nativeBeside = {
  name: 'native-beside',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^fs-native-extensions$/ }, ({ path }) => ({ path, namespace: 'native' }));
    onLoad({ filter: /./, namespace: 'native' }, () => ({
      contents:
        "const file = './native/' + process.platform + '-' + process.arch + '.node'; module.exports = require(file);",
    }));
  },
};

function copyNative() {
  fs.mkdirSync('dist/native', { recursive: true });
  for (const machine of MACHINES) {
    const to = `dist/native/${machine}.node`;
    // By a rename: a host that has the old file in its memory dies when that is written into.
    fs.copyFileSync(`${NATIVE}/prebuilds/${machine}/fs-native-extensions.node`, `${to}.${process.pid}`);
    fs.renameSync(`${to}.${process.pid}`, to);
  }
}

const ROOMS = './rooms.cjs';

/**
 * Core and agents are a bundle beside the one that VS Code loads at start, and beside the command line, required when the
 * first of their functions is used. The stand-in has their names as getters, which is why the rooms are built first.
 */
const roomsBeside = {
  name: 'rooms-beside',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/(core|agents)\/index\.ts$/ }, () => ({ path: ROOMS, namespace: 'rooms' }));
    onResolve({ filter: /./, namespace: 'rooms' }, () => ({ path: ROOMS, external: true }));
    onLoad({ filter: /./, namespace: 'rooms' }, () => {
      const names = Object.keys(createRequire(import.meta.url)(path.resolve('dist', ROOMS)));
      // One getter for all of them: hundreds of names are a tenth of what is loaded at start.
      const contents = `for (const name of '${names.join(' ')}'.split(' '))
        Object.defineProperty(exports, name, { enumerable: true, get: () => require('${ROOMS}')[name] });`;
      return { contents };
    });
  },
};

const PART = /^part-.*\.cjs(\.map)?$/;

/**
 * What src/vscode imports by `await import(...)` becomes files of their own, `part-*.cjs`, which are loaded when they are
 * needed. esbuild splits ES modules only, so each file is turned into CommonJS afterwards.
 */
const inParts = {
  name: 'in-parts',
  setup: ({ initialOptions, onEnd }) => {
    Object.assign(initialOptions, {
      format: 'esm',
      splitting: true,
      write: false,
      minify: false,
      sourcemap: common.sourcemap && 'inline',
    });
    onEnd(async ({ outputFiles = [], errors }) => {
      if (errors.length > 0) return;
      fs.mkdirSync('dist', { recursive: true });
      const written = new Set(outputFiles.map((file) => path.basename(file.path)));
      for (const old of fs.readdirSync('dist'))
        if (PART.test(old) && !written.has(old)) fs.rmSync(path.join('dist', old));
      for (const file of outputFiles) {
        const { charset, legalComments, minify, sourcemap, target } = common;
        const options = {
          charset,
          legalComments,
          minify,
          target,
          sourcemap: sourcemap && 'inline',
          format: 'cjs',
          platform: 'node',
        };
        // A dynamic import becomes a lazy require, which every extension host resolves beside the bundle.
        const { code } = await transform(file.text, { ...options, supported: { 'dynamic-import': false } });
        fs.writeFileSync(file.path, code);
      }
    });
  },
};

/**
 * An agent waits for its hook: of core and agents it takes the few files that it uses. That no file of theirs does
 * anything when it is loaded but make its own constants, the bundler cannot see by itself.
 */
const onlyWhatIsUsed = {
  name: 'only-what-is-used',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path: file, resolveDir }) => ({
      path: path.resolve(resolveDir, file),
      sideEffects: false,
    }));
  },
};

const bundles = [
  {
    ...common,
    stdin: {
      contents: "export * from './src/core/index.ts';\nexport * from './src/agents/index.ts';",
      resolveDir: import.meta.dirname,
    },
    outfile: 'dist/rooms.cjs',
    plugins: [chokidarBeside, nativeBeside],
    // A dynamic import becomes a lazy require, which every extension host resolves beside the bundle.
    supported: { 'dynamic-import': false },
  },
  {
    ...common,
    entryPoints: ['src/vscode/extension.ts'],
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    chunkNames: 'part-[name]-[hash]',
    external: ['vscode'],
    plugins: [roomsBeside, inParts],
  },
  { ...common, entryPoints: ['chokidar'], outfile: 'dist/chokidar.cjs' },
  // `vscode` is not external here: if it leaks into the rooms below, this build fails.
  {
    ...common,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/holdfast.cjs',
    plugins: [roomsBeside],
    banner: { js: '#!/usr/bin/env node' },
  },
  {
    ...common,
    entryPoints: ['src/hook/main.ts'],
    outfile: 'dist/hook.cjs',
    plugins: [onlyWhatIsUsed],
    // Agents start whatever `node` they find.
    target: 'node20.12',
    // Part of every call: a map is never loaded, and its text would be.
    sourcemap: false,
    minify: true,
  },
];

/** What the licences of the bundled packages ask for: their texts, beside the bundles. */
function writeLicenses(inputs) {
  const packages = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const texts = [...packages].sort().map((folder) => {
    const { name, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const license = fs.readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (!license) throw new Error(`${name} has no licence file: say in esbuild.mjs how it may be shipped`);
    return `${name} ${version}\n\n${fs.readFileSync(path.join(folder, license), 'utf8').trim()}\n`;
  });
  fs.writeFileSync('dist/LICENSES.txt', texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** The file and what it imports at once, parts included. */
function withImports(outputs, file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path: next, kind, external } of outputs[file].imports) {
    if (kind === 'import-statement' && !external) withImports(outputs, next, found);
  }
  return found;
}

async function report({ outputs, ...metafile }) {
  for (const [file, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint === undefined || file.endsWith('.map')) continue;
    const bytes = [...withImports(outputs, file)].reduce((sum, each) => sum + fs.statSync(each).size, 0);
    console.log(`${file.padEnd(36)} ${(bytes / 1024).toFixed(1).padStart(8)} KB`);
  }
  if (!wanted.meta) return;
  const file = `dist/meta/${path.basename(Object.keys(outputs)[0])}.json`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify({ outputs, ...metafile }));
  console.log(await analyzeMetafile({ outputs, ...metafile }));
}

if (wanted.only !== undefined) {
  const one = bundles.find(({ outfile }) => outfile === `dist/${wanted.only}.cjs`);
  if (one === undefined) throw new Error(`no bundle dist/${wanted.only}.cjs`);
  await report((await build(one)).metafile);
  process.exit();
}
copyNative();
if (wanted.watch) {
  const told = {
    name: 'told',
    setup: ({ onEnd }) => onEnd(({ errors }) => console.log(`built, ${errors.length} errors`)),
  };
  for (const options of bundles) {
    const building = await context({ ...options, plugins: [...(options.plugins ?? []), told], logLevel: 'info' });
    // The first build now: the rooms must be there before the extension is bundled.
    await building.rebuild();
    await building.watch();
  }
} else {
  try {
    const inputs = [`${NATIVE}/package.json`];
    for (const options of bundles) {
      const { metafile } = await build(options);
      inputs.push(...Object.keys(metafile.inputs));
      await report(metafile);
    }
    writeLicenses(inputs);
    fs.chmodSync('dist/holdfast.cjs', 0o755);
  } catch (error) {
    if (!error.errors) throw error;
    process.exitCode = 1; // esbuild has already said what is wrong, and where
  }
}
