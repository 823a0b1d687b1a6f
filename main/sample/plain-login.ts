import { randomBytes } from 'node:crypto';
import { localTarget } from '../engines/engine.ts';
import { withClient } from '../engines/postgres/postgres-client.ts';
import { ident, literal } from '../engines/postgres/sql.ts';
import type { EmbeddedPostgres } from './embedded-postgres.ts';

/** How a client gets into a server of this computer. */
export type Login = Pick<EmbeddedPostgres, 'host' | 'port' | 'user' | 'password'>;

/**
 * A role that may create schemas in a database and nothing else, as a DBA would make it for Headgate: syncs do not write as
 * the superuser of a server, not even of one of our own.
 */
export async function plainLogin(
  server: Login,
  database: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Login> {
  const user = 'headgate_sync';
  const password = randomBytes(24).toString('base64url');
  await withClient(localTarget(server, database), signal, async (client) => {
    await client.query(`CREATE ROLE ${ident(user)} LOGIN PASSWORD ${literal(password)}`);
    await client.query(`GRANT CONNECT, CREATE ON DATABASE ${ident(database)} TO ${ident(user)}`);
  });
  return { host: server.host, port: server.port, user, password };
}
