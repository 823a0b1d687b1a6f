import type { Readable } from 'node:stream';
import type { Connection, TypeCastField } from 'mysql2';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { noTls, startTls } from '../tls/tls.ts';
import { bounded, sinceMs } from '../wire/bounded.ts';
import type { Wire } from '../wire/channel.ts';
import { placeText } from '../wire/tcp.ts';
import { describeTls, isSocket, openWay, type WayOptions } from '../wire/way.ts';
import { explainMysqlError } from './mysql-errors.ts';
import { signInPlugins } from './sign-in.ts';
import { type MysqlField, textOf } from './values.ts';

/** A session that has nothing to do is closed in good form within this, or else without it. */
const goodbyeMs = 1000;

const bytesOf = (field: TypeCastField): Buffer | null => field.buffer();

const asText = (fields: readonly MysqlField[], row: readonly (Buffer | null)[]): (string | null)[] =>
  row.map((bytes, at) => textOf(fields[at] as MysqlField, bytes));

/** Of a statement without rows the driver answers something else. */
const asTexts = (fields: readonly MysqlField[], rows: unknown): (string | null)[][] =>
  Array.isArray(rows) ? (rows as (Buffer | null)[][]).map((row) => asText(fields, row)) : [];

/** The rows of one statement, every value as the server prints it. */
export interface MysqlTable {
  readonly fields: readonly MysqlField[];
  readonly rows: (string | null)[][];
}

export interface MysqlSession {
  readonly tls: TlsDetails;
  /** The number that the server gave this session, to end its statement with from another one. */
  readonly threadId: number;
  /** What the server says of itself: `11.4.2-MariaDB`. */
  readonly version: string;
  readonly isMariaDb: boolean;
  /** One statement. Fails with what the server says, or with DB_TIMEOUT after the session's own bound. */
  table(sql: string): Promise<MysqlTable>;
  /** The rows of one statement as they come, no faster than they are taken; the fields first. */
  stream(sql: string): AsyncGenerator<MysqlField[] | (string | null)[][], void>;
  ended(): boolean;
  hold(holds: boolean): void;
  /** Ends it at once, whatever it is doing. */
  cut(): void;
  /** Ends it in good form, where the server still listens. Never fails. */
  end(): Promise<void>;
}

export interface MysqlOptions extends Omit<WayOptions, 'signal'> {
  readonly applicationName?: string;
  /** A statement that has no answer after so many milliseconds fails with DB_TIMEOUT here, whatever the server does. */
  readonly answerMs?: number;
  /** Told when the stream is there and the login begins. */
  readonly onLogin?: () => void;
}

/** What there is of the driver's connection that it does not type. */
interface Inside {
  stream: Wire;
  readonly packetParser: { execute(data: Buffer): void };
  startTLS(onSecure: (error?: Error) => void): void;
  _handleNetworkError(error: unknown): void;
}

/** Sends what the driver throws, with the reason that is ours where there is one. */
class TlsRefused extends Error {
  constructor(cause: unknown) {
    super('TLS was not agreed', { cause });
  }
}

/** What a wrapped reason really is. */
const reasonOf = (error: unknown): unknown => (error instanceof TlsRefused ? error.cause : error);

/** Opens a session and prepares it: text in UTF-8, times in UTC. Fails with DB_*, SSH_* or CANCELLED; leaves nothing open then. */
export async function openMysql(
  target: Target,
  signal: AbortSignal,
  options: MysqlOptions = {},
): Promise<MysqlSession> {
  const { createConnection } = (await import('mysql2')).default;
  const base = await openWay(target, { ...options, signal });
  base.on('error', () => {});
  const ms = target.connectTimeoutMs;
  const where = placeText(target.host, target.port);
  let tls = noTls;
  const late = (): AppError =>
    new AppError('DB_TIMEOUT', say('engine.reachedButDidNot', { place: where, seconds: ms / 1000 }));
  const bounds = { signal, ms, late };
  const encrypts = target.tlsMode !== 'disable' && !isSocket(target);
  let connection: Connection | null = null;
  const { watch = {} } = options;
  try {
    const opened = await bounded<Connection>(bounds, (resolve, reject) => {
      const made = createConnection({
        stream: base,
        host: target.host,
        user: target.user,
        // The driver wants a text; it is taken out of the driver again as soon as it is signed in.
        password: new TextDecoder().decode(target.password),
        database: target.database,
        charset: 'utf8mb4_general_ci',
        connectTimeout: 0,
        disableEval: true,
        rowsAsArray: true,
        // Bytes as they come: what they are is known with the columns.
        typeCast: bytesOf,
        authPlugins: signInPlugins(target, () => tls) as never,
        connectAttributes: { program_name: options.applicationName ?? target.applicationName },
        // What it is made of is not used: see startTLS below.
        ...(encrypts ? { ssl: { rejectUnauthorized: true, verifyIdentity: true } } : {}),
      } as never);
      connection = made;
      const inside = made as unknown as Inside;
      inside.startTLS = (onSecure) => {
        const started = performance.now();
        watch.begin?.('tls');
        base.removeAllListeners('data');
        const onTls = (details: TlsDetails): void => options.onTls?.(details);
        startTls(base, target, bounds, onTls).then(
          ({ stream, details }) => {
            tls = details;
            watch.done?.('tls', describeTls(target, details), sinceMs(started));
            options.onLogin?.();
            stream.on('error', (error) => inside._handleNetworkError(error));
            stream.on('data', (data: Buffer) => inside.packetParser.execute(data));
            inside.stream = stream;
            onSecure();
          },
          (error: unknown) => onSecure(new TlsRefused(error)),
        );
      };
      if (!encrypts) options.onLogin?.();
      made.once('connect', () => {
        made.removeAllListeners('error');
        made.on('error', () => {});
        resolve(made);
      });
      made.once('error', (error) => reject(reasonOf(error)));
      return () => {
        made.on('error', () => {});
        base.destroy();
      };
    });
    return await prepared(opened, target, tls, base, options);
  } catch (error) {
    base.destroy();
    throw signal.aborted ? cancelled() : explainMysqlError(error, target);
  } finally {
    forgetPassword(connection);
  }
}

/** The driver keeps the password with its settings, for signing in again, which is never done. */
function forgetPassword(connection: Connection | null): void {
  const kept = connection as { config?: Record<string, unknown> } | null;
  for (const name of ['password', 'password1', 'authPlugins'])
    if (kept?.config) kept.config[name] = undefined;
}

async function prepared(
  connection: Connection,
  target: Target,
  tls: TlsDetails,
  base: Wire,
  { answerMs = target.statementTimeoutMs + target.connectTimeoutMs }: MysqlOptions,
): Promise<MysqlSession> {
  const greeting = connection as unknown as { _handshakePacket: { serverVersion: string } };
  const version = greeting._handshakePacket.serverVersion;
  let over = false;
  for (const event of ['close', 'end', 'error']) {
    base.on(event, () => {
      over = true;
    });
  }
  const cut = (): void => {
    over = true;
    base.destroy();
  };
  const table = (sql: string): Promise<MysqlTable> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        cut();
        reject(
          new AppError(
            'DB_TIMEOUT',
            say('engine.stoppedAnswering', { place: placeText(target.host, target.port) }),
          ),
        );
      }, answerMs);
      connection.query({ sql, rowsAsArray: true }, (error, rows, fields) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve({ fields: fields ?? [], rows: asTexts(fields ?? [], rows) });
      });
    });
  const session: MysqlSession = {
    tls,
    threadId: connection.threadId ?? 0,
    // MariaDB puts a version before its own that MySQL of old knows how to read.
    version: version.replace(/^5\.5\.5-(?=\d)/, ''),
    isMariaDb: /mariadb/i.test(version),
    table,
    stream: (sql) => streamed(connection, sql),
    ended: () => over,
    hold: (holds) => void (holds ? base.ref() : base.unref()),
    cut,
    async end() {
      const timer = setTimeout(cut, goodbyeMs);
      await new Promise<void>((resolve) => {
        if (over) resolve();
        base.once('close', () => resolve());
        connection.end(() => base.destroy());
      });
      clearTimeout(timer);
    },
  };
  // Times as instants are printed in the zone of the session; names of zones need tables that many servers lack.
  await table("SET time_zone = '+00:00', autocommit = 1");
  return session;
}

/**
 * A statement that is ended at the server tells its error and then an end, as if that were all: what counts is the error. A
 * line that breaks while nobody reads is told to the connection alone.
 */
async function* streamed(
  connection: Connection,
  sql: string,
): AsyncGenerator<MysqlField[] | (string | null)[][], void> {
  const query = connection.query({ sql, rowsAsArray: true });
  const fields = new Promise<MysqlField[]>((resolve, reject) => {
    query.once('fields', (found: MysqlField[]) => resolve(found ?? []));
    query.once('end', () => resolve([]));
    query.once('error', reject);
  });
  const rows = query.stream({ highWaterMark: 200 });
  let lost: unknown = null;
  const onLost = (error: unknown): void => {
    lost = error;
    rows.destroy(error as Error);
  };
  connection.on('error', onLost);
  rows.on('error', () => {});
  try {
    const known = await fields;
    yield known;
    // What came is taken at once: a promise for every row would cost more than the row.
    while (!rows.readableEnded) {
      const came: (string | null)[][] = [];
      for (let row = rows.read() as Row | null; row !== null; row = rows.read() as Row | null)
        came.push(asText(known, row));
      if (came.length > 0) yield came;
      else if (rows.destroyed) break;
      else await moved(rows);
    }
    if (rows.errored) throw rows.errored;
    if (lost !== null) throw lost;
  } finally {
    connection.off('error', onLost);
    rows.destroy();
  }
}

type Row = (Buffer | null)[];

/** Resolves when a stream has something to read, or is over, however. */
const moved = (rows: Readable): Promise<void> =>
  new Promise((resolve) => {
    const events = ['readable', 'end', 'close', 'error'] as const;
    const done = (): void => {
      for (const event of events) rows.off(event, done);
      resolve();
    };
    for (const event of events) rows.once(event, done);
    // What ended before is told by no event any more.
    if (rows.destroyed || rows.readableEnded) done();
  });

/** Runs `work` with a session of its own. */
export async function withMysql<T>(
  target: Target,
  signal: AbortSignal,
  work: (session: MysqlSession) => Promise<T>,
): Promise<T> {
  const session = await openMysql(target, signal);
  const stop = (): void => session.cut();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(session);
  } catch (error) {
    throw signal.aborted ? cancelled() : explainMysqlError(error, target);
  } finally {
    signal.removeEventListener('abort', stop);
    await session.end();
  }
}
