import { describe, expect, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { explainPgError } from '../../main/engines/postgres/postgres-errors.ts';

/* What servers and poolers say, in our words. What can be provoked for real is in test/integration/{ladder,tls,pooler}. */

const target = localTarget({ host: 'db', port: 5432, user: 'etl', password: 'canary' }, 'field');
const said = (code: string, message: string) =>
  explainPgError(Object.assign(new Error(message), { code }), target);

describe('is understood', () => {
  it.each([
    [
      '28000',
      'no pg_hba.conf entry for host "10.0.0.7", user "etl", database "field", no encryption',
      'DB_TLS',
      'does not let user “etl” in without TLS',
    ],
    [
      '28000',
      'no pg_hba.conf entry for host "10.0.0.7", user "etl", database "field", SSL off',
      'DB_TLS',
      'without TLS',
    ],
    [
      '28000',
      'no pg_hba.conf entry for host "10.0.0.7", user "etl", database "field", SSL encryption',
      'DB_LOGIN_REFUSED',
      'from the address 10.0.0.7',
    ],
    ['28000', 'role "etl" does not exist', 'DB_LOGIN_REFUSED', 'has no user “etl”'],
    ['XX000', 'Tenant or user not found', 'DB_LOGIN_REFUSED', 'has no user “etl”'],
    ['08P01', 'SASL authentication failed', 'DB_LOGIN_REFUSED', 'refused the password'],
    ['08P01', 'no such database: field', 'DB_MISSING', 'has no database “field”'],
    [
      '',
      'SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match',
      'DB_LOGIN_REFUSED',
      'does not know the password',
    ],
    ['53100', 'could not extend file', 'DB_FULL', 'The disk of db:5432 is full'],
    ['53300', 'sorry, too many clients already', 'DB_LOST', 'no free connection'],
    ['08P01', 'no more connections allowed (max_client_conn)', 'DB_LOST', 'no free connection'],
    ['', 'Query read timeout', 'DB_TIMEOUT', 'stopped answering'],
    ['57P01', 'terminating connection', 'DB_LOST', 'was lost'],
    ['57014', 'canceling statement due to statement timeout', 'DB_TIMEOUT', 'took longer'],
    ['ECONNRESET', 'read ECONNRESET', 'DB_LOST', 'was lost'],
    ['', 'Connection terminated unexpectedly', 'DB_LOST', 'was lost'],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'tlsv13 alert certificate required',
      'DB_TLS',
      'lets nobody in without a client certificate',
    ],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'alert protocol version', 'DB_TLS', 'older than 1.2'],
    ['42P01', 'relation "x" does not exist', 'DB_ERROR', 'relation "x" does not exist'],
  ])('%s %s', (code, message, expected, text) => {
    const error = said(code, message);
    expect(error.code).toBe(expected);
    expect(error.message).toContain(text);
    expect(error.advice).not.toBe('');
    // Words, not codes.
    if (expected !== 'DB_ERROR')
      expect(`${error.message} ${error.advice}`).not.toMatch(
        /\b(E[A-Z]{4,}|ERR_|[0-9]{2}[0-9A-Z]{3}\b(?<!\d{5}))/,
      );
    expect(`${error.message} ${error.advice}`).not.toContain('canary');
  });
});

it('the right that is missing is the one that is asked for', () => {
  const message = 'permission denied for database "field"';
  const error = (detail: string) =>
    explainPgError(Object.assign(new Error(message), { code: '42501', detail }), target).advice;
  expect(error('User does not have CONNECT privilege.')).toBe(
    'Ask a DBA to run: GRANT CONNECT ON DATABASE "field" TO "etl";',
  );
  expect(error('')).toBe('Ask a DBA to run: GRANT CREATE ON DATABASE "field" TO "etl";');
});

it.each(['', 'ERR_INVALID_ARG_TYPE', 'DataCloneError'])(
  'what is no answer of a server is told as a defect of ours, without its text (%s)',
  (code) => {
    const error = said(code, 'function Object() { [native code] } could not be cloned.');
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(error.message).not.toMatch(/answered|native code/);
  },
);
