import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Host, KeyProtector } from '../host.ts';
import { createLogger, type LogSink } from '../log.ts';
import { createRedactor } from '../redact.ts';
import { keyFileProtector } from '../vault/key-file.ts';
import { passphraseProtector } from '../vault/passphrase.ts';
import { openOsKeyring, osKeyringProtector, probeOsKeyring } from './os-keyring.ts';

/** How the data key of a headless workspace is protected; `auto` takes the OS keyring when there is one. */
export type ProtectorChoice =
  | { readonly kind: 'auto' | 'none' }
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'key_file'; readonly file: string };

export interface HeadlessOptions {
  readonly dataFolder: string;
  readonly version: string;
  readonly protector: ProtectorChoice;
  readonly syncWorker: URL;
  readonly logSink: LogSink;
  /** Opens a page in a browser, or tells the person to. */
  readonly openUrl: (url: string) => Promise<void>;
}

/** Where a workspace is kept when nobody says otherwise: `HEADGATE_DATA`, else the platform's folder for application data. */
export function defaultDataFolder(env: NodeJS.ProcessEnv): string {
  if (env['HEADGATE_DATA']) return env['HEADGATE_DATA'];
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Headgate');
  if (process.platform === 'win32') return join(env['APPDATA'] ?? homedir(), 'Headgate');
  return join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'Headgate');
}

/** The choice that the environment names: `HEADGATE_PASSPHRASE`, `HEADGATE_KEY_FILE`, else the OS keyring. */
export function protectorFromEnv(env: NodeJS.ProcessEnv): ProtectorChoice {
  const passphrase = env['HEADGATE_PASSPHRASE'];
  // Taken out of the environment at once, so that nothing started from here inherits it.
  delete env['HEADGATE_PASSPHRASE'];
  if (passphrase) return { kind: 'passphrase', passphrase };
  const file = env['HEADGATE_KEY_FILE'];
  if (file) return { kind: 'key_file', file };
  return { kind: 'auto' };
}

async function chooseProtector(
  choice: ProtectorChoice,
  random: (bytes: number) => Buffer,
): Promise<{ protector: KeyProtector | null; problem: string | null }> {
  switch (choice.kind) {
    case 'passphrase':
      return { protector: passphraseProtector(choice.passphrase, random), problem: null };
    case 'key_file':
      return { protector: keyFileProtector(choice.file, random), problem: null };
    case 'none':
      return { protector: null, problem: 'no key protector was asked for' };
    default: {
      try {
        const open = await openOsKeyring();
        const problem = probeOsKeyring(open, random);
        return problem === null
          ? { protector: osKeyringProtector(open, random), problem: null }
          : { protector: null, problem };
      } catch (cause) {
        const error = new AppError('VAULT_UNAVAILABLE', 'the keyring of this system can not be used', {
          cause,
        });
        return { protector: null, problem: error.message };
      }
    }
  }
}

/** The host of plain Node: servers, the command line and the tests. */
export async function createHeadlessHost(options: HeadlessOptions): Promise<Host> {
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const redactor = createRedactor();
  const random = (bytes: number): Buffer => randomBytes(bytes);
  const { protector, problem } = await chooseProtector(options.protector, random);
  return {
    kind: 'headless',
    version: options.version,
    platform: process.platform,
    dataFolder: options.dataFolder,
    protector,
    protectorProblem: problem,
    openUrl: options.openUrl,
    userName: userInfo().username || 'owner',
    syncWorker: options.syncWorker,
    clock: systemClock,
    random,
    log: createLogger({ sink: options.logSink, redactor, now: () => Date.now() }),
    redactor,
  };
}
