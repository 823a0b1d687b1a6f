import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { executable, firstPage, whyNot } from '../electron-double/launch.ts';

/* The product as it is built, in a window: in a real Electron where there is one, in the double otherwise. */

const root = join(import.meta.dirname, '..', '..');
const real = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '/nonexistent', 'electron');
const isReal = existsSync(real);

/** Why there is no window here; undefined where there is one. */
export const noWindow = isReal ? undefined : await whyNot();
/** What the window is in, for the name of a suite. */
export const windowKind = isReal
  ? 'real Electron'
  : noWindow
    ? `skipped: ${noWindow}`
    : 'the Electron double';

/** A folder for pictures of what people see. */
export function picturesFolder(name: string): string {
  const folder = join(root, 'test-output', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Starts it with a workspace of its own below the folder. */
export function launchProduct(folder: string): Promise<ElectronApplication> {
  const env: Record<string, string> = {
    HEADGATE_DATA: join(folder, 'workspace'),
    HEADGATE_DOUBLE_KEYCHAIN: join(folder, 'keychain'),
  };
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] ??= value;
  return _electron.launch({
    executablePath: isReal ? real : executable,
    args: [join(root, 'dist/main/electron.js')],
    env,
    colorScheme: null,
  });
}

/** Its console's page, at the size of a small laptop. */
export async function consoleOf(app: ElectronApplication): Promise<Page> {
  const page = await firstPage(app, /^(app:\/\/console|https:\/\/console\.app\.invalid)\//);
  await page.setViewportSize({ width: 1280, height: 820 });
  return page;
}

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

/** Asks the core through the page's own bridge. */
export const callOf = async <T>(page: Page, name: string, input: unknown): Promise<T> => {
  const answer = await page.evaluate(
    ([called, asked]) => headgate.calls[called as string]?.(asked, crypto.randomUUID()),
    [name, input] as const,
  );
  return (answer as { data: T }).data;
};
