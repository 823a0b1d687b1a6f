import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { findChromium } from './chromium.ts';

/** The script that stands in for the Electron executable. */
export const executable = join(import.meta.dirname, 'electron');

/** Why the double can not run here; undefined when it can. */
export async function whyNot(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'the double is started by a shell script';
  return findChromium().then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** A folder in the temp folder, with a function that removes it. */
export function temporaryFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `headgate-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface LaunchOptions {
  /** Added to the environment of this process; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
}

/** Starts an app in the double under Playwright. */
export async function launch(app: string, options: LaunchOptions = {}): Promise<ElectronApplication> {
  // Found here, not by the double: the one from npm is unpacked into the temp folder, and tests give each app its own.
  const chromium = await findChromium();
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries({
    ...process.env,
    HEADGATE_CHROMIUM: chromium,
    ...options.env,
  })) {
    if (value !== undefined) env[name] = value;
  }
  return _electron.launch({
    executablePath: executable,
    args: [app, ...(options.args ?? [])],
    env,
    // The app's own theme decides, not Playwright's default of light.
    colorScheme: null,
    timeout: 30_000,
  });
}

/** The first window, once its address matches and its document has loaded. */
export async function firstPage(app: ElectronApplication, address: RegExp): Promise<Page> {
  const page = await app.firstWindow();
  await page.waitForURL(address);
  await page.waitForLoadState();
  return page;
}
