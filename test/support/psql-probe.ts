import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/* The real psql, and a server that only writes down where it was reached, and who came with which password. */

export interface Visit {
  address: string;
  user: string;
  database: string;
  password: string;
}

/** Who psql is when nobody is told. */
export const defaultUser = 'nobody-told';
/** Answers one client: no TLS, asks for the password, and refuses whoever it is. */
function receive(socket: Socket, folder: string, done: (visit: Visit) => void): void {
  let waiting = Buffer.alloc(0);
  let startup: string[] | null = null;
  const field = (name: string): string => startup?.[startup.indexOf(name) + 1] ?? '';
  const visit = (password: string): void =>
    done({
      address: (socket.localAddress ?? folder).replace('::ffff:', ''),
      user: field('user'),
      database: field('database'),
      password,
    });
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    if (startup === null) {
      if (waiting.length < 8 || waiting.length < waiting.readUInt32BE(0)) return;
      const code = waiting.readUInt32BE(4);
      // What asks for TLS or GSSAPI is told that there is none.
      if (code === 80_877_103 || code === 80_877_104) {
        waiting = waiting.subarray(8);
        socket.write('N');
        return;
      }
      startup = waiting.toString('utf8', 8, waiting.readUInt32BE(0)).split('\0');
      waiting = waiting.subarray(waiting.readUInt32BE(0));
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
      return;
    }
    if (waiting.length < 5 || waiting.length < waiting.readUInt32BE(1) + 1) return;
    visit(waiting.toString('utf8', 5, waiting.readUInt32BE(1)));
    socket.destroy();
  });
  // Without a password psql leaves as soon as it is asked.
  socket.on('end', () => startup && visit(''));
}

export const psqlIsThere = spawnSync('psql', ['--version']).status === 0;

export interface PsqlProbe {
  readonly port: number;
  /** The folder of its Unix socket. */
  readonly folder: string;
  /** What psql did with a connection string; null where it refused, or went elsewhere. */
  visit(text: string, env?: Readonly<Record<string, string>>): Promise<Visit | null>;
  close(): void;
}

/** Listens on every address of this computer, at a port of its own, and on a Unix socket. */
export async function startPsqlProbe(): Promise<PsqlProbe> {
  let visits: Visit[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'headgate-psql-'));
  const heard = (socket: Socket): void => receive(socket, folder, (visit) => visits.push(visit));
  const server = createServer(heard);
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const local = createServer(heard);
  local.listen(join(folder, `.s.PGSQL.${port}`));
  await once(local, 'listening');
  return {
    port,
    folder,
    async visit(text, more = {}) {
      visits = [];
      const env = {
        ...{
          PATH: process.env['PATH'],
          PGUSER: defaultUser,
          PGPASSFILE: '/none',
          HOME: '/none',
          LC_ALL: 'C.UTF-8',
        },
        ...more,
      };
      await new Promise<void>((resolve) => {
        execFile('psql', ['-X', '-w', '-c', 'select 1', '-d', text], { env }, () => resolve());
      });
      return visits[0] ?? null;
    },
    close() {
      server.close();
      local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
