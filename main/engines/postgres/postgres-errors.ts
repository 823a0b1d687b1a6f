import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { explainHandshake } from '../tls/tls.ts';
import { placeText } from '../wire/tcp.ts';
import { ident } from './sql.ts';

/** What the network says of a line that broke. */
const networkCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);
const lostTexts =
  /connection terminated|client has encountered a connection error|not queryable|client was closed|write after end/i;

/** What pgbouncer says when it has as many clients as it takes; its code stands for everything. */
const noRoom = /^no more connections allowed/i;

/** What pg says of its own bound. */
const unanswered = /^Query read timeout$/;

/** pg_hba.conf's answer names all that was compared (src/backend/libpq/auth.c). */
const noEntry = /no pg_hba\.conf entry for (?:replication connection from )?host "([^"]*)"/i;
const notEncrypted = /, (?:no encryption|SSL off)$/i;

/**
 * Whether the server refused a statement, and the session goes on: SQLSTATEs other than of a session or line that is lost.
 * Every SQLSTATE has a digit, which tells them from what the system says of a line (`EPIPE`).
 */
export const isRefused = (error: unknown): error is ServerError =>
  !(error instanceof AppError) &&
  /^(?!57P|08)(?=.*\d)[0-9A-Z]{5}$/.test((error as ServerError | null)?.code ?? '');

/** What the server says of a statement. */
export interface ServerError {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** In characters from 1. */
  readonly position?: string;
}

/** A login that the server refused, by what it says about it. */
function explainLogin({ code = '', message = '' }: ServerError, target: Target, made: Make): AppError {
  const where = placeText(target.host, target.port);
  const entry = noEntry.exec(message);
  if (entry) {
    const [, from = ''] = entry;
    if (notEncrypted.test(message)) {
      return made(
        'DB_TLS',
        say('engine.doesNotLetUser', { where, user: target.user }),
        say('engine.doesNotLetUser.advice'),
      );
    }
    const line = `hostssl ${ident(target.database)} ${ident(target.user)} ${from}/${from.includes(':') ? 128 : 32} scram-sha-256`;
    return made(
      'DB_LOGIN_REFUSED',
      say('engine.letsUserNotInto', { where, user: target.user, database: target.database, from }),
      say('engine.letsUserNotInto.advice', { line }),
    );
  }
  if (/pg_hba\.conf rejects/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      say('engine.setRefuseUserFrom', { where, user: target.user }),
      say('engine.setRefuseUserFrom.advice'),
    );
  }
  if (/valid client certificate|certificate authentication failed/i.test(message)) {
    return made(
      'DB_TLS',
      target.tlsCert === null
        ? say('engine.letsUserOnlyClient', { where, user: target.user })
        : say('engine.doesNotAcceptClientCertificate', { where, user: target.user }),
      target.tlsCert === null
        ? say('engine.enterClientCertificateKey')
        : say('engine.checkCommonNameCertificate'),
    );
  }
  if (/not permitted to log in/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      say('engine.roleMayNotLog', { user: target.user, where }),
      say('engine.roleMayNotLog.advice', { loginSql: loginSql(target) }),
    );
  }
  if (/role ".*" does not exist|no such user|user not found/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      say('engine.noUser', { where, user: target.user }),
      say('engine.noUser.advice'),
    );
  }
  return made(
    'DB_LOGIN_REFUSED',
    code === '28000'
      ? say('engine.reachedButRefusedUser', { where, user: target.user, message })
      : say('engine.reachedButRefusedPassword', { where, user: target.user }),
  );
}

type Make = (code: AppError['code'], text: Said, advice?: Said) => AppError;

/** What a DBA would run so that the user may log in. */
export const loginSql = (target: Target): string => `ALTER ROLE ${ident(target.user)} LOGIN;`;
/** … may connect to the database. */
export const connectSql = (target: Target): string =>
  `GRANT CONNECT ON DATABASE ${ident(target.database)} TO ${ident(target.user)};`;
/** … may create schemas. */
export const createSql = (target: Target): string =>
  `GRANT CREATE ON DATABASE ${ident(target.database)} TO ${ident(target.user)};`;

/** Turns what pg throws into a typed error that says what happened and where. Never carries the password. */
export function explainPgError(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const { code = '', message = '', detail = '' } = error as ServerError;
  const where = placeText(target.host, target.port);
  const made: Make = (kind, text, advice) =>
    new AppError(kind, text, { cause: error, ...(advice === undefined ? {} : { advice }) });

  // Poolers refuse with a code for everything (08P01), or with none of the server's.
  const poolerLogin =
    /^(08P01|XX000)$/.test(code) &&
    /password authentication failed|SASL authentication failed|no such user|user not found|auth failed/i.test(
      message,
    );
  if (code === '28P01' || code === '28000' || poolerLogin) {
    return explainLogin(error as ServerError, target, made);
  }
  if (/^SASL: .*password must be/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      say('engine.wantsPasswordUserNone', { where, user: target.user }),
      say('engine.wantsPasswordUserNone.advice'),
    );
  }
  if (/^SASL: .*signature does not match/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      say('engine.whatAnswersDoesNot', { where, user: target.user }),
      say('engine.whatAnswersDoesNot.advice'),
    );
  }
  if (
    code === '3D000' ||
    (code === '08P01' && /no such database|database ".*" does not exist/i.test(message))
  ) {
    return made('DB_MISSING', say('engine.noDatabase', { where, database: target.database }));
  }
  if (/^ERR_SSL|^EPROTO$/.test(code)) return explainHandshake(error, target);
  const setting = settingOf(error as ServerError, target, made);
  if (setting) return setting;
  if (code === '42501') {
    const connecting = /permission denied for database/i.test(message);
    return made(
      'DB_NO_RIGHT',
      say('engine.userMayNotDo', { user: target.user, message }),
      connecting
        ? say('engine.askDbaRun', {
            fixSql: /CONNECT privilege/i.test(detail) ? connectSql(target) : createSql(target),
          })
        : undefined,
    );
  }
  if (code === '53100') return made('DB_FULL', say('engine.diskFull', { where }));
  if (code === '53300' || noRoom.test(message)) {
    return made(
      'DB_LOST',
      say('engine.noFreeConnectionUser', { where, user: target.user }),
      say('engine.noFreeConnectionUser.advice'),
    );
  }
  if (code === '57014') return made('DB_TIMEOUT', say('engine.tookLongerThanStatement', { where }));
  if (networkCodes.has(code) || /^(57P0|08)/.test(code) || lostTexts.test(message)) {
    return made('DB_LOST', say('engine.connectionLost', { where }));
  }
  if (unanswered.test(message)) return made('DB_TIMEOUT', say('engine.stoppedAnswering2', { where }));
  // Only what the server sends has such a code; anything else is ours, and its text would only mislead.
  if (!/^(?=.*\d)[0-9A-Z]{5}$/.test(code))
    return made('INTERNAL', say('engine.somethingWentWrongInside', { where }));
  return made('DB_ERROR', say('engine.databaseAnswered', { replace: (message || code).replace(/\.$/, '') }));
}

/** What a setting of the server, the database or the role keeps from working, by the name of the setting. */
function settingOf({ code = '', message = '' }: ServerError, target: Target, made: Make): AppError | null {
  const where = placeText(target.host, target.port);
  const off = (name: string): Said =>
    say('engine.turnSettingOff', { sql: `ALTER ROLE ${ident(target.user)} SET ${name} = 0;` });
  if (code === '57P05')
    return made('DB_LOST', say('engine.endedSessionIdleLonger', { where }), off('idle_session_timeout'));
  if (code === '25P03')
    return made(
      'DB_LOST',
      say('engine.endedSessionTransactionIdle', { where }),
      off('idle_in_transaction_session_timeout'),
    );
  if (code === '25P04')
    return made('DB_LOST', say('engine.endedSessionTransactionTook', { where }), off('transaction_timeout'));
  if (code === '22P05' || code === '22021')
    return made(
      'TARGET_ENCODING',
      say('engine.databaseCanNotStore', { database: target.database, message }),
      say('engine.databaseCanNotStore.advice'),
    );
  if (code === '25006' || (code === '0A000' && /read-write mode during recovery/i.test(message)))
    return made(
      'DB_NO_RIGHT',
      say('engine.takesNoChangesStandby', { where }),
      say('engine.takesNoChangesStandby.advice'),
    );
  if (code === '42501' && /row-level security/i.test(message))
    return made(
      'DB_NO_RIGHT',
      say('engine.wouldHideRowsFrom', { where, user: target.user, message }),
      say('engine.wouldHideRowsFrom.advice'),
    );
  return null;
}
