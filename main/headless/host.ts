import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import type { Language, LanguageChoice } from '../../preload/contract/models.ts';
import { systemClock } from '../clock.ts';
import { readPolicies } from '../fixed-policy.ts';
import type { Appearance, Desk, Host, KeyProtector, SampleServers } from '../host.ts';
import { createLogger, type LogSink } from '../log.ts';
import { osAddresses } from '../net/addresses.ts';
import { environmentWays, proxyOf, proxySecrets } from '../net/proxy.ts';
import { osUserName } from '../os-user.ts';
import { createRedactor } from '../redact.ts';
import { syncsAtOnce } from '../sync/job/slots.ts';
import { createWords, spokenFor, type Words } from '../words.ts';
import { openOsKeyring, osKeyringProtector, probeOsKeyring } from './os-keyring.ts';
import { createHeadlessDesk, type SaveTo } from './terminal/desk.ts';

/** Who protects the data key of a headless workspace: `auto` takes the OS keyring when there is one, `none` nobody. */
export type ProtectorChoice = 'auto' | 'none' | KeyProtector;

export interface HeadlessOptions {
  readonly dataFolder: string;
  readonly version: string;
  readonly protector: ProtectorChoice;
  readonly syncWorker: URL;
  readonly logSink: LogSink;
  /** Opens a page in a browser, or tells the person to. */
  readonly openUrl: (url: string) => Promise<void>;
  /** Where an SSH agent, the person's folder and a policy file are looked for; the process's own unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The sample workspace, where this program brings it. */
  readonly sample?: SampleServers;
  /** The terminal of this process unless given. */
  readonly desk?: Desk;
  /** What is spoken; that of the environment unless given. */
  readonly language?: Language | undefined;
  /** See `createHeadlessDesk`. */
  readonly saveTo?: SaveTo | undefined;
}

/** Where a workspace is kept when nobody says otherwise: `HEADGATE_DATA`, else the platform's folder for application data. */
export function defaultDataFolder(env: NodeJS.ProcessEnv): string {
  if (env['HEADGATE_DATA']) return env['HEADGATE_DATA'];
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Headgate');
  if (process.platform === 'win32') return join(env['APPDATA'] ?? homedir(), 'Headgate');
  return join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'Headgate');
}

async function chooseProtector(
  choice: ProtectorChoice,
  random: (bytes: number) => Buffer,
): Promise<{ protector: KeyProtector | null; problem: string | null }> {
  if (choice === 'none') return { protector: null, problem: 'no key protector was asked for' };
  if (choice !== 'auto') return { protector: choice, problem: null };
  try {
    const open = await openOsKeyring();
    const problem = probeOsKeyring(open, random);
    return { protector: problem === null ? osKeyringProtector(open, random) : null, problem };
  } catch {
    // The native module itself could not be loaded.
    return { protector: null, problem: 'the keyring of this system can not be used' };
  }
}

/** Nothing is drawn here: theme and language last as long as the process. */
function appearanceInMemory(begun: LanguageChoice): Appearance {
  let theme: ReturnType<Appearance['theme']> = 'system';
  let language = begun;
  return {
    theme: () => theme,
    setTheme(chosen) {
      theme = chosen;
    },
    language: () => language,
    setLanguage(chosen) {
      language = chosen;
    },
  };
}

/**
 * The language of a terminal, as POSIX has it: `LC_ALL`, else `LC_MESSAGES`, else `LANG`. Where none of them is there, as on
 * Windows, that of the system.
 */
export function languageTags(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const told = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'];
  return [told || Intl.DateTimeFormat().resolvedOptions().locale];
}

/** What a program without a window says, in the language of its terminal. Times are what programs read, in UTC. */
export const terminalWords = (
  env: Readonly<Record<string, string | undefined>>,
  choice: () => LanguageChoice = () => 'system',
): Words =>
  createWords(
    () => spokenFor(choice(), languageTags(env)),
    (iso) => iso,
  );

export interface HeadlessHost extends Host {
  /** Reads the policy files again. Fails like a start does, and leaves what held before, where one can't be read. */
  readPoliciesAgain(): void;
}

/** The host of plain Node: servers, the command line and the tests. */
export async function createHeadlessHost(options: HeadlessOptions): Promise<HeadlessHost> {
  const env = options.env ?? process.env;
  let policies = readPolicies(env);
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const redactor = createRedactor();
  const proxy = proxyOf(env);
  for (const secret of proxySecrets(proxy)) redactor.add(secret);
  const random = (bytes: number): Buffer => randomBytes(bytes);
  const log = createLogger({ sink: options.logSink, redactor, now: () => Date.now() });
  const { protector, problem } = await chooseProtector(options.protector, random);
  const appearance = appearanceInMemory(options.language ?? 'system');
  const words = terminalWords(env, appearance.language);
  return {
    kind: 'headless',
    version: options.version,
    platform: process.platform,
    dataFolder: options.dataFolder,
    protector,
    protectorProblem: problem,
    openUrl: options.openUrl,
    appearance,
    words,
    desk:
      options.desk ??
      createHeadlessDesk({
        ...{ screen: process.stderr, input: process.stdin, clock: systemClock, log, words },
        saveTo: options.saveTo,
      }),
    homeFolder: env['HOME'] || homedir(),
    addresses: osAddresses,
    maybeOnline: () => true,
    sshAgent: env['SSH_AUTH_SOCK'] || null,
    get fixedPolicy() {
      return policies.fixedPolicy;
    },
    get idleLockAtMost() {
      return policies.idleLockAtMost;
    },
    readPoliciesAgain() {
      policies = readPolicies(env);
    },
    proxyFor: (url) => Promise.resolve(environmentWays(proxy, url)),
    userName: osUserName(process.env),
    ...(options.sample ? { sample: options.sample } : {}),
    syncWorker: options.syncWorker,
    syncsAtOnce: syncsAtOnce(env['HEADGATE_SYNCS'], availableParallelism()),
    clock: systemClock,
    random,
    log,
    recentLog: (maxBytes) => options.logSink.recent?.(maxBytes) ?? '',
    ...(options.logSink.forget ? { forgetLogs: options.logSink.forget } : {}),
    redactor,
  };
}
