import { isIP } from 'node:net';
import pg from 'pg';
import { AppError, cancelled } from '../errors.ts';
import type { Target } from './engine.ts';
import { ident } from './sql.ts';

export type PgClient = pg.Client;

/** A server that does not answer in this time is treated as unreachable. */
export const connectTimeoutMs = 15_000;

const tlsOf = (target: Target): false | object => {
  if (target.tlsMode === 'disable') return false;
  const verify = target.tlsMode !== 'require';
  return {
    rejectUnauthorized: verify,
    ...(target.tlsCa === null ? {} : { ca: target.tlsCa }),
    // Server names are for host names only (RFC 6066); an address is checked against the certificate without one.
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
    // libpq's verify-ca: the chain is checked, the name is not.
    ...(target.tlsMode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
};

/**
 * Ends a session at once, whatever it is doing: `client.end()` would wait for an answer that may never come. The
 * server undoes the open transaction when it notices.
 */
export function cut(client: PgClient): void {
  // pg types its connection and socket as private; there is no other way to drop one.
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/**
 * Opens one session. Values come back as PostgreSQL prints them: the default parsers cut timestamps to milliseconds.
 * Fails with a DB_* error that names the cause; an aborted signal ends the wait with CANCELLED.
 */
export async function connect(
  target: Target,
  signal: AbortSignal,
  applicationName = 'headgate',
): Promise<PgClient> {
  if (signal.aborted) throw cancelled();
  const client = new pg.Client({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password,
    ssl: tlsOf(target),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: applicationName,
    types: { getTypeParser: () => (value: unknown) => value },
  });
  // Without a listener a connection that breaks while idle would end the process; the next query reports it.
  client.on('error', () => {});
  const abort = (): void => cut(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    if (signal.aborted) throw cancelled();
    return client;
  } catch (error) {
    abort();
    throw signal.aborted ? cancelled() : explainPgError(error, target);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Runs `work` with a session of its own and always closes it; an abort cuts the session. */
export async function withClient<T>(
  target: Target,
  signal: AbortSignal,
  work: (client: PgClient) => Promise<T>,
): Promise<T> {
  const client = await connect(target, signal);
  const abort = (): void => cut(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(client);
  } catch (error) {
    if (signal.aborted) throw cancelled();
    throw explainPgError(error, target);
  } finally {
    signal.removeEventListener('abort', abort);
    await client.end().catch(() => {});
  }
}

const networkCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ECONNABORTED',
]);

/** Turns what pg throws into a typed error that says what happened and where. Never carries the password. */
export function explainPgError(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const where = `${target.host}:${target.port}`;
  const made = (kind: AppError['code'], text: string, advice?: string): AppError =>
    new AppError(kind, text, { cause: error, ...(advice === undefined ? {} : { advice }) });

  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return made('DB_HOST_UNKNOWN', `The host “${target.host}” is not known.`);
  }
  if (code === 'ECONNREFUSED') return made('DB_REFUSED', `Nothing accepts connections at ${where}.`);
  if (code === 'ETIMEDOUT' || /timeout expired|connection timeout/i.test(message)) {
    return made('DB_TIMEOUT', `${where} did not answer within ${connectTimeoutMs / 1000} seconds.`);
  }
  if (code === '28P01' || code === '28000') {
    return code === '28000' && /pg_hba|no encryption|SSL/i.test(message)
      ? made(
          'DB_LOGIN_REFUSED',
          `${where} does not let user “${target.user}” in from here with this TLS mode.`,
          'Choose a TLS mode other than “disable”, or ask a DBA to add this computer to pg_hba.conf.',
        )
      : made(
          'DB_LOGIN_REFUSED',
          `${where} is reached, but it refused the password of user “${target.user}”.`,
        );
  }
  if (code === '3D000') return made('DB_MISSING', `${where} has no database “${target.database}”.`);
  if (/certificate|self.signed|does not support SSL|altnames|TLS|SSL routines/i.test(`${code} ${message}`)) {
    return /does not support SSL/i.test(message)
      ? made(
          'DB_TLS',
          `${where} does not speak TLS.`,
          'Choose TLS mode “disable” if this network is trusted, or turn TLS on at the server.',
        )
      : made('DB_TLS', `The TLS certificate of ${where} was not accepted: ${code || message}.`);
  }
  if (code === '42501') {
    return made(
      'DB_NO_RIGHT',
      `User “${target.user}” may not do this: ${message}.`,
      /for database/.test(message)
        ? `Ask a DBA to run: GRANT CREATE ON DATABASE ${ident(target.database)} TO ${ident(target.user)};`
        : undefined,
    );
  }
  if (code === '53100') return made('DB_FULL', `The disk of ${where} is full.`);
  if (code === '53300') return made('DB_LOST', `${where} has no free connection for user “${target.user}”.`);
  if (
    networkCodes.has(code) ||
    /^(57P0|08)/.test(code) ||
    /connection terminated|client has encountered a connection error|not queryable|client was closed/i.test(
      message,
    )
  ) {
    return made('DB_LOST', `The connection to ${where} was lost.`);
  }
  return made('DB_ERROR', `The database answered: ${message || code || 'an error without a text'}.`);
}
