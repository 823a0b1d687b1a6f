import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresAccess } from './global-setup.ts';
import { nobody, spawnServer } from './processes.ts';

/* A real pgbouncer in front of a PostgreSQL, lending its sessions per transaction unless asked otherwise. */

const path = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((each) =>
  existsSync(each),
);
/** Why these tests can't run here; null when they can. */
export const noPgbouncer: string | null = path === undefined ? 'skipped: pgbouncer is not installed' : null;

export interface Pgbouncer extends PostgresAccess {
  stop(): void;
}

export interface PgbouncerOptions {
  readonly mode?: 'session' | 'transaction' | 'statement';
  /** Sessions it has at the server for each database and user. */
  readonly poolSize?: number;
  /** The one that another had before it; a free one unless given. */
  readonly port?: number;
  /** Further users by name, with their passwords. */
  readonly users?: Readonly<Record<string, string>>;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise<void>((done) => probe.close(() => done()));
  return port;
}

export async function startPgbouncer(
  postgres: PostgresAccess,
  { mode = 'transaction', poolSize = 10, users = {}, port: wanted }: PgbouncerOptions = {},
): Promise<Pgbouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-pgbouncer-'));
  const port = wanted ?? (await freePort());
  const asRoot = process.getuid?.() === 0;
  const file = (name: string, text: string): string => {
    const made = join(folder, name);
    writeFileSync(made, text, { mode: 0o600 });
    if (asRoot) chownSync(made, nobody, nobody);
    return made;
  };
  const all = { [postgres.user]: postgres.password, ...users };
  const list = file(
    'userlist.txt',
    Object.entries(all)
      .map(([user, password]) => `"${user}" "${password}"\n`)
      .join(''),
  );
  const ini = file(
    'pgbouncer.ini',
    `[databases]
* = host=${postgres.host} port=${postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${list}
pool_mode = ${mode}
default_pool_size = ${poolSize}
max_client_conn = 200
server_idle_timeout = 5
`,
  );
  if (asRoot) {
    chownSync(folder, nobody, nobody);
    chmodSync(folder, 0o700);
  }
  // It refuses to run as root, as PostgreSQL does.
  const server = spawnServer(path ?? 'pgbouncer', [ini], {
    stdio: ['ignore', 'ignore', 'pipe'],
    asNobody: asRoot,
  });
  await new Promise<void>((resolve, reject) => {
    let text = '';
    server.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text = (text + piece).slice(-4000);
      if (text.includes('process up')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`pgbouncer did not start: ${text}`)));
  });
  const stop = (): void => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stop);
  return {
    host: '127.0.0.1',
    port,
    user: postgres.user,
    password: postgres.password,
    stop() {
      process.removeListener('exit', stop);
      stop();
    },
  };
}
