import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Target } from '../../main/engines/engine.ts';
import { localTarget } from '../../main/engines/engine.ts';
import type { Identity } from './certificates.ts';
import { killIfThere, nobody, spawnServer } from './processes.ts';

/* A real MariaDB on a free port of 127.0.0.1, with a folder of its own. */

const place = (...paths: readonly string[]): string | null => paths.find((path) => existsSync(path)) ?? null;
const serverPath = place('/usr/sbin/mariadbd', '/usr/sbin/mysqld', '/usr/local/bin/mariadbd');
const installPath = place('/usr/bin/mariadb-install-db', '/usr/bin/mysql_install_db');

/** Why these tests can't run here; null when they can. */
export const noMariadb: string | null =
  serverPath === null || installPath === null ? 'skipped: no MariaDB is installed (mariadb-server)' : null;

export interface Mariadb extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Folder of its socket. */
  readonly folder: string;
  /** Its administrator's password. */
  readonly rootPassword: string;
  /** Runs statements as its administrator; rows as lists of texts. */
  sql(text: string): Promise<(string | null)[][]>;
  /** Where a login of it leads. */
  target(
    login: { readonly user: string; readonly password: string },
    database: string,
    more?: Partial<Target>,
  ): Target;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise<void>((done) => probe.close(() => done()));
  return port;
}

export interface MariadbOptions {
  /** Shown to who asks for TLS. */
  readonly tls?: Identity;
  /** Further lines of its configuration. */
  readonly settings?: readonly string[];
}

export async function startMariadb({ tls, settings = [] }: MariadbOptions = {}): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-mariadb-'));
  const asNobody = process.getuid?.() === 0;
  const own = (file: string): string => {
    if (asNobody) chownSync(file, nobody, nobody);
    return file;
  };
  own(folder);
  const data = join(folder, 'data');
  const made = spawnSync(
    installPath as string,
    [
      ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'],
      ...['--skip-test-db', '--skip-name-resolve', ...(asNobody ? ['--user=nobody'] : [])],
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`MariaDB was not set up: ${made.stdout}${made.stderr}`);
  const files: string[] = [];
  if (tls) {
    for (const [name, text] of [
      ['server.crt', tls.cert],
      ['server.key', tls.key],
    ] as const) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      own(join(folder, name));
    }
    files.push(`ssl-cert=${join(folder, 'server.crt')}`, `ssl-key=${join(folder, 'server.key')}`);
  }
  const port = await freePort();
  const socket = join(folder, 'mysql.sock');
  const config = [
    '[mariadbd]',
    `datadir=${data}`,
    `socket=${socket}`,
    `port=${port}`,
    'bind-address=127.0.0.1',
    'skip-name-resolve',
    'innodb-flush-log-at-trx-commit=0',
    'innodb-buffer-pool-size=32M',
    'performance-schema=OFF',
    ...files,
    ...settings,
  ];
  const configFile = join(folder, 'my.cnf');
  writeFileSync(configFile, `${config.join('\n')}\n`);
  own(configFile);
  const server: ChildProcess = spawnServer(serverPath as string, [`--defaults-file=${configFile}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    asNobody,
  });
  let told = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const rootPassword = 'canary-root-password';
  const connect = (password: string | undefined) =>
    createConnection({
      ...{ socketPath: socket, user: 'root', rowsAsArray: true, multipleStatements: true },
      ...(password === undefined ? {} : { password }),
      typeCast: (field) => field.string(),
    });
  const until = Date.now() + 60_000;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`MariaDB ended: ${told}`);
    try {
      const first = await connect(undefined);
      await first.query(`ALTER USER 'root'@'localhost' IDENTIFIED BY '${rootPassword}'`);
      await first.end();
      break;
    } catch (error) {
      if (Date.now() > until) throw new Error(`MariaDB did not start: ${String(error)} ${told}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  const admin = await connect(rootPassword);
  return {
    host: '127.0.0.1',
    port,
    folder,
    rootPassword,
    async sql(text) {
      const [rows] = await admin.query(text);
      return Array.isArray(rows) ? (rows as (string | null)[][]) : [];
    },
    target: ({ user, password }, database, more = {}) => ({
      ...localTarget({ host: '127.0.0.1', port, user, password }, database),
      engine: 'mysql',
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      await admin.end().catch(() => {});
      const ended = new Promise((done) => server.once('exit', done));
      if (server.exitCode === null && server.pid !== undefined) {
        killIfThere(server.pid, 'SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
