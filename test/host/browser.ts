import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { ensureHost } from './setup.ts';

/** Starts Chromium: the one from npm, or the one that CHROMIUM_PATH names. It can reach this machine only. */
export async function launchBrowser(): Promise<Browser> {
  const { chromium: dir } = await ensureHost();
  const own = process.env['CHROMIUM_PATH'];
  const fonts = { FONTCONFIG_PATH: dir, FONTCONFIG_FILE: path.join(dir, 'fonts.conf') };
  return chromium.launch({
    executablePath: own ?? path.join(dir, 'chromium'),
    env: own ? process.env : { ...process.env, ...fonts, LD_LIBRARY_PATH: path.join(dir, 'lib') },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}
