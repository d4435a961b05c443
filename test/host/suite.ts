// What VS Code calls in the extension host: runs the test bundles that lie beside this file.
import fs from 'node:fs';
import { findSourceMap, type SourceOrigin } from 'node:module';
import path from 'node:path';
import { format } from 'node:util';
import { takeCoverage } from 'node:v8';
import Mocha from 'mocha';
import Reporter from '../support/reporter.cjs';

/** How run.ts and desktop.ts tell the suite what to do: by the environment, which reaches the extension host. */
export interface SuiteEnvironment {
  readonly HOLDFAST_TEST_SUITE: string;
  /** Where the listing goes; standard output if empty. */
  readonly HOLDFAST_TEST_OUTPUT: string;
  /** The folder for the counts. */
  readonly HOLDFAST_TEST_RESULTS: string;
  readonly HOLDFAST_TEST_GREP: string;
}

const environment = process.env as unknown as SuiteEnvironment;

function say(...args: unknown[]): void {
  const line = `${format(...args)}\n`;
  // A file cannot lose what was said before the extension host died.
  if (environment.HOLDFAST_TEST_OUTPUT) fs.appendFileSync(environment.HOLDFAST_TEST_OUTPUT, line);
  else process.stdout.write(line);
}

/** The line of the .ts file: VS Code's own formatting of stacks, which finds the extension to blame, knows no source maps. */
function sourceOf(site: NodeJS.CallSite): string {
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  const map = findSourceMap(site.getFileName() ?? '');
  if (!map || line === null || column === null) return String(site);
  const { fileName, lineNumber } = map.findOrigin(line, column) as Partial<SourceOrigin>;
  return fileName === undefined ? String(site) : `${site.getFunctionName() ?? ''} (${fileName}:${lineNumber})`;
}

export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  Error.prepareStackTrace = (error, sites) => [error, ...sites.map((site) => `    at ${sourceOf(site)}`)].join('\n');
  Mocha.reporters.Base.consoleLog = say;
  const mocha = new Mocha({
    timeout: 20_000,
    color: !process.env['NO_COLOR'],
    forbidOnly: Boolean(process.env['CI']),
    reporter: Reporter,
    reporterOptions: { suite: environment.HOLDFAST_TEST_SUITE, folder: environment.HOLDFAST_TEST_RESULTS },
  });
  if (environment.HOLDFAST_TEST_GREP) mocha.grep(environment.HOLDFAST_TEST_GREP);
  const bundles = fs.readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs'));
  for (const name of bundles.sort()) mocha.addFile(path.join(__dirname, name));
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    say(error);
    throw error;
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  takeCoverage(); // without NODE_V8_COVERAGE it does nothing
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
