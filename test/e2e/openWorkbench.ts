// Opens VS Code with the extension on a sample workspace, as a person would find it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launchBrowser } from '../host/browser.ts';
import { type ServerOptions, startServer } from '../host/server.ts';
import { makeSampleWorkspace, type SampleWorkspace } from '../support/sampleWorkspace.ts';
import { forReadme, Workbench } from './workbench.ts';

export interface OpenWorkbench extends SampleWorkspace {
  readonly w: Workbench;
  /** Has another extension call a language-model tool; resolves with its text, or rejects with its error. */
  callTool(name: string, input: object): Promise<string>;
  /** A second window on the same folder: a page of its own, with an extension host of its own. */
  another(): Promise<Workbench>;
  close(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../..');

/** The README shows its pictures at half of its width: a small window, so that they can be read there. */
const small = { viewport: { width: 920, height: 560 } };
/** Nothing in them that is not spoken of. */
const plain = {
  'breadcrumbs.enabled': false,
  'diffEditor.renderOverviewRuler': false,
  'editor.minimap.enabled': false,
  'editor.scrollbar.vertical': 'hidden',
  'js/ts.tsserver.automaticTypeAcquisition.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.layoutControl.enabled': false,
};

const opened = new Set<Workbench>();

/** Mocha's root hooks (mocharc.cjs requires this file): a picture of what a failed test left behind. */
export const mochaHooks = {
  async afterEach(this: Mocha.Context): Promise<void> {
    if (this.currentTest?.state !== 'failed') return;
    for (const w of opened) await w.shot(`failed ${this.currentTest.title}`).catch(() => {});
  },
};

export interface WorkbenchOptions extends ServerOptions {
  /** Opens what this makes of the sample (a .code-workspace file, say), instead of its folder. */
  readonly opens?: (sample: SampleWorkspace) => string;
}

/** With VSIX=<file> in the environment the package is tested, else the working tree (which must be built). */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<OpenWorkbench> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-e2e-'));
  const sample = makeSampleWorkspace(dir);
  const vsix = process.env['VSIX'];
  const answer = path.join(dir, 'tool-answer.json');
  const probe = path.join(import.meta.dirname, 'probe');
  const [server, browser] = await Promise.all([
    startServer({
      ...options,
      ...(forReadme && { settings: { ...plain, ...options.settings } }),
      ...(vsix && { vsix: path.resolve(vsix) }),
      extensions: [...(vsix ? [] : [root]), probe, ...(options.extensions ?? [])],
      env: { ...sample.env, PROBE_ANSWER: answer, ...options.env },
    }),
    launchBrowser(),
  ]);
  const shown: Workbench[] = [];
  const close = async (): Promise<void> => {
    for (const one of shown) opened.delete(one);
    await browser.close();
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  };
  const open = async (): Promise<Workbench> => {
    const page = await browser.newPage(forReadme ? small : { viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(15_000);
    const w = new Workbench(page);
    shown.push(w);
    opened.add(w);
    await page.goto(server.url(options.opens?.(sample) ?? sample.folder));
    // The probe's item says that the extension host runs and has read every manifest.
    await w.statusItem('ready', 'holdfast-test.probe').waitFor({ timeout: 60_000 });
    return w;
  };
  try {
    const w = await open();
    const callTool = async (name: string, input: object): Promise<string> => {
      fs.rmSync(answer, { force: true });
      await w.command('Probe: Call Tool');
      await w.input(JSON.stringify({ name, input }));
      // A tool that writes asks first: outside of a chat, by a dialog.
      const yes = w.dialog.getByRole('button', { name: 'Yes', exact: true });
      const { text, error } = JSON.parse(
        await appears(answer, async () => {
          if (await yes.isVisible()) await w.answer('Yes');
        }),
      );
      if (error !== undefined) throw new Error(error);
      return text;
    };
    return { ...sample, w, callTool, another: open, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function appears(file: string, meanwhile: () => Promise<void>): Promise<string> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
    await meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${file} did not appear: the tool has not answered`);
}
