import { accessSync, constants } from 'node:fs';

/** Chromium's own build without windows: the same engine, and a new page costs a third. */
const windowless = '/usr/bin/chromium-headless-shell';
const installed = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The Chromium that the screens are tested in: HEADGATE_CHROMIUM, an installed one, else the one of the package
 * `@sparticuz/chromium`, which is unpacked into the temp folder. `visible` asks for one that has windows. Rejects when
 * there is none.
 */
export async function findChromium(visible = false): Promise<string> {
  const named = process.env['HEADGATE_CHROMIUM'];
  if (named) {
    if (runnable(named)) return named;
    throw new Error(`HEADGATE_CHROMIUM names ${named}, which can not be run`);
  }
  const found = [...(visible ? [] : [windowless]), ...installed].find(runnable);
  if (found) return found;
  // Read when the package is imported: with it, the package unpacks the system libraries it needs as well.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs22.x';
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    return await packaged.executablePath();
  } catch (cause) {
    throw new Error('No Chromium: install one, or name it in HEADGATE_CHROMIUM', { cause });
  }
}

/** Switches every Chromium of the tests is started with; none of them weakens the page's own security. */
export const chromiumSwitches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--password-store=basic',
  '--use-mock-keychain',
] as const;
