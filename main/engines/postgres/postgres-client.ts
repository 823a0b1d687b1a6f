import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { type AuthMethod, createSignIn } from '../login/sign-in.ts';
import { hungUp } from '../tls/tls.ts';
import { bounded } from '../wire/bounded.ts';
import type { Wire } from '../wire/channel.ts';
import { placeText } from '../wire/tcp.ts';
import type { WayOptions } from '../wire/way.ts';
import { type Dialled, dial, type Encryption, encryptions } from './dial.ts';
import { explainPgError } from './postgres-errors.ts';

export { explainPgError };
export type PgClient = pg.Client;

/** A session that has nothing to do is closed in good form within this, or else without it. */
const goodbyeMs = 1000;
/** CancelRequest of the protocol (docs, "Message Formats"): 1234 and 5678. */
const cancelCode = 80877102;

export interface Session {
  readonly client: PgClient;
  readonly tls: TlsDetails;
  readonly auth: AuthMethod;
  /** The number that the server gave this session; a pooler gives one of its own. */
  readonly processId: number;
  /** Whether the server, or somebody on the way, has ended it: no statement is taken any more. */
  ended(): boolean;
  /** Whether it keeps the process running. */
  hold(holds: boolean): void;
}

export interface SessionOptions extends Omit<WayOptions, 'signal'> {
  /** How the session is called at the server; the target's own name unless given. */
  readonly applicationName?: string;
  /** A statement that has no answer after so many milliseconds fails with DB_TIMEOUT here, whatever the server does. */
  readonly answerMs?: number;
  /** Told when the stream is there and the login begins. */
  readonly onLogin?: () => void;
}

/** What there is of pg's client that it does not type. */
interface Inside {
  readonly connection: { stream: Duplex; once(event: string, listener: () => void): void };
  readonly connectionParameters: { password: unknown };
  password: unknown;
  readonly processID: number | null;
  readonly secretKey: number | null;
}
const inside = (client: PgClient): Inside => client as unknown as Inside;

/**
 * Ends a session at once, whatever it is doing: `client.end()` would wait for an answer that may never come. The
 * server undoes the open transaction when it notices.
 */
export function cut(client: PgClient): void {
  inside(client).connection.stream.destroy();
}

/** Ends a session in good form, where the server still listens. Never fails. */
export async function endSession(client: PgClient): Promise<void> {
  const timer = setTimeout(() => cut(client), goodbyeMs);
  await client.end().catch(() => {});
  clearTimeout(timer);
}

/**
 * pg connects its stream itself; one that is connected already only has to say so, once pg listens. One that broke before
 * has told it to nobody and would not again: pg would wait for an answer until its time is over.
 */
function connected(stream: Wire): Duplex {
  return Object.defineProperty(stream, 'connect', {
    value: () => {
      setImmediate(() => {
        if (stream.destroyed) {
          stream.emit('error', stream.errored ?? new Error('Connection terminated'));
          return;
        }
        stream.emit('connect');
        stream.resume();
      });
      return stream;
    },
  });
}

/** Codes of the server's errors: five characters with a digit (docs, "PostgreSQL Error Codes"). */
const sqlState = (error: unknown): string | null => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : null;
};

/**
 * A server that ends a session while it stands idle says why, once; the next statement of pg only says that the session is
 * gone. Here it fails with what the server said.
 */
function tellFarewell(client: PgClient, farewell: () => unknown): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    const answer = query(...args);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => {
      const told = farewell();
      throw sqlState(error) === null && told !== undefined && sqlState(told) !== null ? told : error;
    });
  }) as PgClient['query'];
}

interface LoggedIn extends Session {
  readonly dialled: Dialled;
}

/** `refused` is told when it was the server that said no, before it let us in. */
async function logIn(
  dialled: Dialled,
  target: Target,
  signal: AbortSignal,
  options: SessionOptions,
  refused: () => void,
): Promise<LoggedIn> {
  const ms = target.connectTimeoutMs;
  const signIn = createSignIn(target, dialled.tls);
  const client = new pg.Client({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: signIn.password,
    ssl: false,
    // Somebody in between who shows a certificate of their own can't pass the login on to the server.
    enableChannelBinding: dialled.tls.protocol !== null,
    stream: () => connected(dialled.stream),
    application_name: options.applicationName ?? target.applicationName,
    ...(options.answerMs === undefined ? {} : { query_timeout: options.answerMs }),
    types: { getTypeParser: () => (value: unknown) => value },
  });
  // Without a listener a connection that breaks while idle would end the process; the next query reports it.
  let over = false;
  let farewell: unknown;
  client.on('end', () => {
    over = true;
  });
  client.on('error', (error) => {
    over = true;
    farewell ??= error;
  });
  tellFarewell(client, () => farewell);
  signIn.attach(client);
  options.onLogin?.();
  const late = (): AppError =>
    new AppError(
      'DB_TIMEOUT',
      say('engine.reachedButDidNot', { place: placeText(target.host, target.port), seconds: ms / 1000 }),
    );
  try {
    await bounded<void>({ signal, ms, late }, (resolve, reject) => {
      client.connect().then(() => resolve(), reject);
      return () => cut(client);
    });
    signIn.insist();
  } catch (error) {
    if (signIn.letIn) cut(client);
    else if (sqlState(error) !== null) refused();
    const known = explainPgError(error, target);
    // TLS 1.3 refuses a client's certificate only after the handshake, and what it says of it may be lost on the way.
    throw !signIn.heard && dialled.tls.protocol !== null && known.code === 'DB_LOST'
      ? hungUp(target, error)
      : known;
  } finally {
    // pg keeps what it asked for.
    inside(client).password = null;
    inside(client).connectionParameters.password = null;
  }
  return {
    client,
    tls: dialled.tls,
    auth: signIn.method,
    processId: inside(client).processID ?? 0,
    ended: () => over,
    hold: (holds) => void (holds ? dialled.base.ref() : dialled.base.unref()),
    dialled,
  };
}

/**
 * Opens one session, with TLS as libpq does it for each mode. Values come back as PostgreSQL prints them: the default
 * parsers cut timestamps to milliseconds. Fails with DB_* or SSH_*, naming the cause; an aborted signal ends the wait
 * with CANCELLED.
 */
export async function openSession(
  target: Target,
  signal: AbortSignal,
  options: SessionOptions = {},
): Promise<Session> {
  const plan = encryptions[target.tlsMode];
  let first: AppError | null = null;
  for (const [index, encryption] of plan.entries()) {
    let again = false;
    try {
      const dialled = await dialOnce(target, encryption, { ...options, signal }, () => {
        again = true;
      });
      return await logIn(dialled, target, signal, options, () => {
        // What was refused without TLS because the server has none is not asked for again without it.
        again = encryption === 'never' || dialled.tls.protocol !== null;
      });
    } catch (error) {
      const known = explainPgError(error, target);
      // The first answer tells more, unless it was only that it must be encrypted.
      const tells = first === null || (first.code === 'DB_TLS' && plan[0] === 'never') ? known : first;
      if (!again || index === plan.length - 1) throw tells;
      first = known;
    }
  }
  throw first ?? cancelled();
}

/** `failed` is told when it was TLS that failed. */
async function dialOnce(
  target: Target,
  encryption: Encryption,
  options: WayOptions,
  failed: () => void,
): Promise<Dialled> {
  try {
    return await dial(target, encryption, options);
  } catch (error) {
    if (encryption === 'offered' && error instanceof AppError && error.code === 'DB_TLS') failed();
    throw error;
  }
}

/** Opens one session; see `openSession`. */
export async function connect(
  target: Target,
  signal: AbortSignal,
  options: SessionOptions = {},
): Promise<PgClient> {
  return (await openSession(target, signal, options)).client;
}

/**
 * Opens a session that may stand idle for as long as a source takes to answer. A role or database can have the server end
 * such sessions (idle_session_timeout), which no setting of a transaction helps against. It is only turned off where nobody
 * is in between: at a pooler it would stay on a session that others get next, and there the pooler keeps its own alive.
 */
export async function connectLasting(
  target: Target,
  signal: AbortSignal,
  options: SessionOptions = {},
): Promise<PgClient> {
  const session = await openSession(target, signal, options);
  try {
    await session.client.query(
      `SELECT CASE WHEN pg_catalog.current_setting('server_version_num')::int >= 140000
         THEN pg_catalog.set_config('idle_session_timeout', '0', false) END WHERE pg_catalog.pg_backend_pid() = $1`,
      [session.processId],
    );
    return session.client;
  } catch (error) {
    await endSession(session.client);
    if (signal.aborted) throw cancelled();
    throw explainPgError(error, target);
  }
}

/** Runs `work` with a session of its own and always closes it; an abort cuts the session. */
export async function withClient<T>(
  target: Target,
  signal: AbortSignal,
  work: (client: PgClient) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const client = await connect(target, signal, options);
  const abort = (): void => cut(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(client);
  } catch (error) {
    if (signal.aborted) throw cancelled();
    throw explainPgError(error, target);
  } finally {
    signal.removeEventListener('abort', abort);
    await endSession(client);
  }
}

/**
 * Asks the server to end the statement that a session runs, over a stream of its own: the session itself is busy, and
 * through a pooler only this reaches it. Whether it came in time is not known.
 */
export async function cancelStatement(session: Session, target: Target, options: WayOptions): Promise<void> {
  const { processID, secretKey } = inside(session.client);
  if (processID === null || secretKey === null) return;
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(cancelCode, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  const { stream } = await dial(target, session.tls.protocol === null ? 'never' : 'always', options);
  const late = (): AppError => new AppError('DB_TIMEOUT', say('engine.serverDidNotTake'));
  try {
    await bounded<void>({ signal: options.signal, ms: goodbyeMs, late }, (resolve) => {
      stream.on('error', () => resolve());
      stream.on('close', () => resolve());
      stream.on('end', () => resolve());
      stream.resume();
      // The server hangs up when it has taken it; a pooler forgets it when we hang up first.
      stream.write(request);
      return () => {};
    });
  } finally {
    stream.destroy();
  }
}
