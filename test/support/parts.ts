import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import type { Clock, KeyProtector } from '../../main/host.ts';
import { createLogger, type Logger } from '../../main/log.ts';
import type { EndpointDeps } from '../../main/oauth/endpoint.ts';
import type { SharedSignIns } from '../../main/oauth/shared-sign-ins.ts';
import { createRedactor, type Redactor } from '../../main/redact.ts';
import type { NewConnection } from '../../main/store/connections/connections.ts';
import { openStore, type Store } from '../../main/store/index.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { openVault, type Vault, type VaultDeps } from '../../main/vault/vault.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import { directExchange } from './exchanges.ts';

/** Single parts of the core, real and on disk, for tests that look closer than a whole workspace allows. */

export const instant = '2026-03-01T08:00:00.000Z';
export const random = (bytes: number): Buffer => randomBytes(bytes);

/** What requests to OAuth endpoints need; waits are written down and over at once. */
export function endpointDeps(
  signal: AbortSignal = new AbortController().signal,
): EndpointDeps & { readonly waits: number[] } {
  const waits: number[] = [];
  const clock: Clock = {
    now: () => Date.now(),
    async sleep(ms, stop) {
      stop?.throwIfAborted();
      waits.push(ms);
    },
  };
  return { exchange: directExchange(), clock, random: () => 0.5, log: keptLog().log, signal, waits };
}

/** A temporary folder that goes with the block. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'headgate-part-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A logger of every level whose lines are kept. */
export function keptLog(redactor: Redactor = createRedactor()): {
  log: Logger;
  lines: string[];
  redactor: Redactor;
} {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line) };
  return {
    log: createLogger({ sink, redactor, now: () => Date.parse(instant), level: 'debug' }),
    lines,
    redactor,
  };
}

export interface VaultParts {
  readonly vault: Vault;
  readonly file: string;
  readonly lines: string[];
  readonly redactor: Redactor;
}

/** A vault in `folder`, sealed by a key file beside it unless another protector (or none) is given. */
export async function vaultIn(
  folder: string,
  change: Partial<Omit<VaultDeps, 'file' | 'log' | 'redactor'>> = {},
): Promise<VaultParts> {
  const { log, lines, redactor } = keptLog();
  const file = join(folder, 'vault.db');
  const vault = await openVault({
    file,
    protector: keyFileProtector(join(folder, 'vault.key'), random),
    protectorProblem: null,
    random,
    now: () => instant,
    redactor,
    log,
    ...change,
  });
  return { vault, file, lines, redactor };
}

/** A protector whose answers a test decides; it keeps what it sealed apart from the disk. */
export function keptProtector(kind: KeyProtector['kind'] = 'os_keyring'): KeyProtector & {
  /** Thrown by `open` and `seal` while set. */
  fault: Error | null;
  opened: number;
  sealed: number;
} {
  const kept = new Map<string, Buffer>();
  return {
    kind,
    label: 'Test keyring',
    fault: null,
    opened: 0,
    sealed: 0,
    async seal(key) {
      if (this.fault) throw this.fault;
      this.sealed += 1;
      const name = randomUUID();
      kept.set(name, Buffer.from(key));
      return Buffer.from(name);
    },
    async open(blob) {
      if (this.fault) throw this.fault;
      this.opened += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return Buffer.from(kept.get(Buffer.from(blob).toString()) ?? '');
    },
  };
}

/** Of a workspace that shares no sign-in with another one; nothing else is asked of it then. */
export const nothingShared = { isShared: () => false } as unknown as SharedSignIns;

export function storeIn(folder: string): Store {
  return openStore(join(folder, 'headgate.db'), { now: () => instant, newId: randomUUID });
}

/** The file itself, past every rule of the application. */
export function rawDb(file: string): Database.Database & Disposable {
  const db = new Database(file) as Database.Database & Disposable;
  db[Symbol.dispose] = () => void db.close();
  return db;
}

/** Every byte of every file in a folder, at any depth, with its path. */
export function filesIn(folder: string): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path, bytes: readFileSync(path) };
    });
}

const run = promisify(execFile);
const root = new URL('../../', import.meta.url);

/**
 * Runs a module in a process of its own; `main/…` and `test/…` in its imports are those of this repository. Answers what
 * it prints.
 */
export async function inProcess(
  source: string,
  env: Record<string, string> = {},
  timeout = 30_000,
): Promise<string> {
  const text = source.replace(
    /from '((?:main|test)\/[^']+)'/g,
    (_, path: string) => `from '${new URL(path, root).href}'`,
  );
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '--eval', text], {
    cwd: root.pathname,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    timeout,
  });
  return stdout;
}

/** The code of the AppError that a piece of work fails with. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
  return 'did not fail';
}

/** A connection as the store takes it, pointing nowhere. */
export function storedConnection(more: Partial<NewConnection> & { id: string }): NewConnection {
  return {
    name: 'main',
    environment: 'production',
    description: '',
    folder: '',
    tags: [],
    state: 'active',
    engine: 'postgres',
    host: 'db',
    hostAddress: null,
    port: 5432,
    database: 'app',
    settings: {},
    readOnly: false,
    access: 'everyone',
    signIn: 'any',
    tlsMode: 'disable',
    tlsCa: null,
    tlsCert: null,
    superuserReason: '',
    ssh: [],
    pool: poolSettings.parse({}),
    lease: null,
    ...more,
  };
}
