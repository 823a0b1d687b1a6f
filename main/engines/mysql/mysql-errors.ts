import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { placeText } from '../wire/tcp.ts';

/** What the server says of a statement or a login. */
export interface MysqlServerError {
  readonly code?: string;
  /** The server's own number; the driver has no name for some of MariaDB's. */
  readonly errno?: number;
  readonly sqlState?: string;
  readonly sqlMessage?: string;
  readonly message?: string;
}

/** Numbers of the server by what a person can do about them (MariaDB documentation, "Error Codes"; MySQL's are the same up to 1862). */
const login = new Set([1045, 1698, 1862, 3118, 3878, 4151]);
const wantsTls = new Set([3159, 1275]);
const hostBlocked = new Set([1129, 1130]);
const noRight = new Set([1142, 1143, 1227, 1370, 1044]);
const tooMany = new Set([1040, 1203, 1226]);
const tooLong = new Set([1969, 3024, 1205]);
export const readOnlyErrors: ReadonlySet<number> = new Set([1792, 1290, 1836]);

const lost = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Whether the server refused a statement, and the session goes on. */
export const isRefused = (error: unknown): error is MysqlServerError =>
  !(error instanceof AppError) &&
  typeof (error as MysqlServerError | null)?.errno === 'number' &&
  ((error as MysqlServerError).errno as number) >= 1000 &&
  ((error as MysqlServerError).errno as number) < 10_000 &&
  typeof (error as MysqlServerError).sqlMessage === 'string';

/** Turns what the driver throws into a typed error that says what happened and where. Never carries the password. */
export function explainMysqlError(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const { code = '', errno = 0, message = '', sqlMessage = message } = error as MysqlServerError;
  const where = placeText(target.host, target.port);
  const made = (kind: AppError['code'], text: AppError['said'], advice?: AppError['said']): AppError =>
    new AppError(kind, text, { cause: error, ...(advice === undefined ? {} : { advice }) });

  if (code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return made('DB_TLS', say('engine.doesNotOfferTls', { where }), say('engine.doesNotOfferTls.advice'));
  if (wantsTls.has(errno))
    return made(
      'DB_TLS',
      say('engines.wantsTls', { where, user: target.user }),
      say('engines.wantsTls.advice'),
    );
  if (login.has(errno)) {
    return errno === 1698
      ? made(
          'DB_LOGIN_REFUSED',
          say('engines.mysql.noPasswordLogin', { where, user: target.user }),
          say('engines.mysql.noPasswordLogin.advice'),
        )
      : made(
          'DB_LOGIN_REFUSED',
          say('engine.reachedButRefusedPassword', { where, user: target.user }),
          say('engines.mysql.refused.advice'),
        );
  }
  if (hostBlocked.has(errno))
    return made(
      'DB_LOGIN_REFUSED',
      say('engines.mysql.hostNotAllowed', { where, message: sqlMessage }),
      say('engines.mysql.hostNotAllowed.advice', { user: target.user }),
    );
  // Of a database that one may not see the server says the same as of one that is not there.
  if (errno === 1049 || errno === 1044)
    return made(
      'DB_MISSING',
      say('engines.mysql.noDatabase', { where, database: target.database, user: target.user }),
      say('engines.mysql.noDatabase.advice'),
    );
  if (noRight.has(errno))
    return made('DB_NO_RIGHT', say('engine.userMayNotDo', { user: target.user, message: sqlMessage }));
  if (tooMany.has(errno))
    return made(
      'DB_LOST',
      say('engine.noFreeConnectionUser', { where, user: target.user }),
      say('engine.noFreeConnectionUser.advice'),
    );
  if (tooLong.has(errno)) return made('DB_TIMEOUT', say('engine.tookLongerThanStatement', { where }));
  if (errno === 1317 || errno === 1927) return made('DB_LOST', say('engine.connectionLost', { where }));
  if (isRefused(error))
    return made('DB_ERROR', say('engine.databaseAnswered', { replace: sqlMessage.replace(/\.$/, '') }));
  if (/LOCAL INFILE/.test(message))
    return made(
      'DB_REFUSED',
      say('engines.mysql.asksForFile', { where }),
      say('engines.mysql.asksForFile.advice'),
    );
  if (/unknown plugin/i.test(message))
    return made(
      'DB_SIGN_IN',
      say('engines.mysql.unknownPlugin', { where, plugin: /plugin ([\w-]+)/.exec(message)?.[1] ?? '?' }),
      say('engines.mysql.unknownPlugin.advice'),
    );
  if (/packets? out of order|unexpected packet|handshake/i.test(message) && !lost.has(code))
    return made(
      'DB_REFUSED',
      say('engines.notThisEngine', { where, engine: 'MySQL' }),
      say('engines.notThisEngine.advice'),
    );
  if (lost.has(code) || /closed state|connection lost|server closed/i.test(message))
    return made('DB_LOST', say('engine.connectionLost', { where }));
  return made('INTERNAL', say('engine.somethingWentWrongInside', { where }));
}
