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
  const who = `user “${target.user}”`;
  const entry = noEntry.exec(message);
  if (entry) {
    const [, from = ''] = entry;
    if (notEncrypted.test(message)) {
      return made(
        'DB_TLS',
        `${where} does not let ${who} in without TLS.`,
        'Choose a TLS mode other than “disable”, best “verify-full”. If it stays, ask a DBA to add this computer to pg_hba.conf.',
      );
    }
    return made(
      'DB_LOGIN_REFUSED',
      `${where} lets ${who} not into “${target.database}” from the address ${from}.`,
      `Ask a DBA to add to pg_hba.conf: hostssl ${ident(target.database)} ${ident(target.user)} ${from}/${from.includes(':') ? 128 : 32} scram-sha-256`,
    );
  }
  if (/pg_hba\.conf rejects/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      `${where} is set to refuse ${who} from here (pg_hba.conf).`,
      'Ask a DBA to change the line “reject” of pg_hba.conf that this computer falls under.',
    );
  }
  if (/valid client certificate|certificate authentication failed/i.test(message)) {
    return made(
      'DB_TLS',
      target.tlsCert === null
        ? `${where} lets ${who} in only with a client certificate.`
        : `${where} does not accept the client certificate of this connection for ${who}.`,
      target.tlsCert === null
        ? 'Enter the client certificate and its key under TLS, as the DBA gave them to you.'
        : 'Check that the common name of the certificate is the user, and that the server knows the CA that issued it.',
    );
  }
  if (/not permitted to log in/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      `The role “${target.user}” of ${where} may not log in.`,
      `Ask a DBA to run: ${loginSql(target)}`,
    );
  }
  if (/role ".*" does not exist|no such user|user not found/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      `${where} has no ${who}.`,
      'Check the user. Poolers of clouds want the project in it, e.g. postgres.projectname.',
    );
  }
  return made(
    'DB_LOGIN_REFUSED',
    code === '28000'
      ? `${where} is reached, but it refused ${who}: ${message}.`
      : `${where} is reached, but it refused the password of ${who}.`,
  );
}

type Make = (code: AppError['code'], text: string, advice?: string) => AppError;

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
      `${where} wants a password of user “${target.user}”, and none is stored.`,
      'Enter the password of this connection.',
    );
  }
  if (/^SASL: .*signature does not match/i.test(message)) {
    return made(
      'DB_LOGIN_REFUSED',
      `What answers at ${where} does not know the password of user “${target.user}”, though it says so.`,
      'Stop: it is not the server that this password is of. Check the host, and use TLS mode “verify-full”.',
    );
  }
  if (
    code === '3D000' ||
    (code === '08P01' && /no such database|database ".*" does not exist/i.test(message))
  ) {
    return made('DB_MISSING', `${where} has no database “${target.database}”.`);
  }
  if (/^ERR_SSL|^EPROTO$/.test(code)) return explainHandshake(error, target);
  const setting = settingOf(error as ServerError, target);
  if (setting) {
    const who = setting.code === 'TARGET_ENCODING' ? `The database “${target.database}”` : where;
    return made(setting.code, `${who} ${setting.text}`, setting.advice);
  }
  if (code === '42501') {
    const connecting = /permission denied for database/i.test(message);
    return made(
      'DB_NO_RIGHT',
      `User “${target.user}” may not do this: ${message}.`,
      connecting
        ? `Ask a DBA to run: ${/CONNECT privilege/i.test(detail) ? connectSql(target) : createSql(target)}`
        : undefined,
    );
  }
  if (code === '53100') return made('DB_FULL', `The disk of ${where} is full.`);
  if (code === '53300' || noRoom.test(message)) {
    return made(
      'DB_LOST',
      `${where} has no free connection for user “${target.user}”.`,
      'Try again when others have closed theirs, or ask a DBA to allow more (max_connections, CONNECTION LIMIT, max_client_conn of a pooler).',
    );
  }
  if (code === '57014') return made('DB_TIMEOUT', `${where} took longer than this statement may.`);
  if (networkCodes.has(code) || /^(57P0|08)/.test(code) || lostTexts.test(message)) {
    return made('DB_LOST', `The connection to ${where} was lost.`);
  }
  if (unanswered.test(message)) return made('DB_TIMEOUT', `${where} stopped answering.`);
  // Only what the server sends has such a code; anything else is ours, and its text would only mislead.
  if (!/^(?=.*\d)[0-9A-Z]{5}$/.test(code))
    return made('INTERNAL', `Something went wrong inside Headgate while it worked with ${where}.`);
  return made('DB_ERROR', `The database answered: ${(message || code).replace(/\.$/, '')}.`);
}

interface Explained {
  readonly code: AppError['code'];
  readonly text: string;
  readonly advice: string;
}

/** What a setting of the server, the database or the role keeps from working, by the name of the setting. */
function settingOf({ code = '', message = '' }: ServerError, target: Target): Explained | null {
  const off = (name: string): string =>
    `A DBA can turn it off for this user: ALTER ROLE ${ident(target.user)} SET ${name} = 0;`;
  const late = (name: string, text: string): Explained => ({
    ...{ code: 'DB_LOST', text: `ended the session: ${text} (${name}).`, advice: off(name) },
  });
  if (code === '57P05') return late('idle_session_timeout', 'it was idle for longer than it may be');
  if (code === '25P03')
    return late('idle_in_transaction_session_timeout', 'a transaction was idle for longer than it may be');
  if (code === '25P04') return late('transaction_timeout', 'a transaction took longer than it may');
  if (code === '22P05' || code === '22021')
    return {
      code: 'TARGET_ENCODING',
      text: `can not store a character of the data: ${message}.`,
      advice: `Use a database in UTF-8. If this one is, send the message to us.`,
    };
  if (code === '25006' || (code === '0A000' && /read-write mode during recovery/i.test(message)))
    return {
      code: 'DB_NO_RIGHT',
      text: 'takes no changes: it is a standby, or its sessions are read-only.',
      advice:
        'Enter the address of the primary server. If this is the primary, ask a DBA to look at default_transaction_read_only.',
    };
  if (code === '42501' && /row-level security/i.test(message))
    return {
      code: 'DB_NO_RIGHT',
      text: `would hide rows from user “${target.user}”: ${message}.`,
      advice: 'Ask a DBA to take FORCE ROW LEVEL SECURITY off that table, so that its owner sees all of it.',
    };
  return null;
}
