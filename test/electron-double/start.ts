import { resolve } from 'node:path';
import type { KeychainMode } from './safe-storage.ts';

/** How this process was started, by its command line and its environment. */
export interface Start {
  readonly executable: string;
  /** As the app sees it: the executable, then everything that followed. */
  readonly argv: readonly string[];
  /** The folder or file of the app. */
  readonly target: string;
  readonly headless: boolean;
  readonly packaged: boolean;
  readonly systemDark: boolean;
  readonly waitsForPlaywright: boolean;
  readonly printsEndpoint: boolean;
  readonly keychain: { readonly mode: KeychainMode; readonly folder: string | undefined };
}

const modes: readonly KeychainMode[] = ['secret-service', 'basic', 'unavailable', 'absent'];

/**
 * The environment of the double:
 * - HEADGATE_DOUBLE_KEYCHAIN: a folder for the keys of the emulated keychain, so that the next run opens what
 *   this one sealed. Without it they live in memory.
 * - HEADGATE_DOUBLE_KEYCHAIN_MODE: secret-service (the default), basic, unavailable or absent.
 * - HEADGATE_DOUBLE_PACKAGED=1: `app.isPackaged` is true.
 * - HEADGATE_DOUBLE_DARK=1: the operating system prefers dark.
 * - HEADGATE_DOUBLE_VISIBLE=1: a Chromium with a window.
 */
export function readStart(argv: readonly string[], env: NodeJS.ProcessEnv): Start {
  const args = argv.slice(2);
  const target = args.find((argument) => !argument.startsWith('-'));
  if (target === undefined)
    throw new Error('usage: electron [switches] <folder or file of the app> [arguments]');
  const mode = (env['HEADGATE_DOUBLE_KEYCHAIN_MODE'] || 'secret-service') as KeychainMode;
  if (!modes.includes(mode)) {
    throw new Error(`HEADGATE_DOUBLE_KEYCHAIN_MODE is '${mode}'; it may be ${modes.join(', ')}`);
  }
  const debugged = args.some((argument) => argument.startsWith('--remote-debugging-port'));
  const executable = resolve(import.meta.dirname, 'electron');
  return {
    executable,
    argv: [executable, ...args],
    target: resolve(target),
    headless: env['HEADGATE_DOUBLE_VISIBLE'] !== '1',
    packaged: env['HEADGATE_DOUBLE_PACKAGED'] === '1',
    systemDark: env['HEADGATE_DOUBLE_DARK'] === '1',
    waitsForPlaywright: debugged && args.some((argument) => argument.startsWith('--inspect')),
    printsEndpoint: debugged,
    keychain: { mode, folder: env['HEADGATE_DOUBLE_KEYCHAIN'] || undefined },
  };
}
