import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** A file of keys that says whose it is (Google Cloud documentation, "Create and delete service account keys"). */
export interface ServiceAccount {
  readonly email: string;
  readonly keyId: string;
  readonly key: KeyObject;
}

/** What a token may be used for: queries read with the narrow one; ending one needs the other. */
export const scopes = {
  read: 'https://www.googleapis.com/auth/bigquery.readonly',
  all: 'https://www.googleapis.com/auth/bigquery',
} as const;

/** Seconds that a token is good for; the longest that Google takes is an hour. */
const lifetime = 1800;

/** Fails with DB_LOGIN_REFUSED where the secret is no such file; nothing of it is repeated. */
export function readServiceAccount(secret: Uint8Array): ServiceAccount {
  try {
    const file = JSON.parse(new TextDecoder().decode(secret)) as Readonly<Record<string, unknown>>;
    const { type, client_email: email, private_key_id: keyId, private_key: pem } = file;
    if (type === 'service_account' && typeof email === 'string' && typeof keyId === 'string')
      return { email, keyId, key: createPrivateKey(String(pem)) };
  } catch {
    // What was wrong with it may be a piece of it.
  }
  throw new AppError('DB_LOGIN_REFUSED', say('engines.bigquery.noServiceAccount'), {
    advice: say('engines.bigquery.noServiceAccount.advice'),
  });
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that the account signs itself (RFC 7523): no other server is asked for one. `now` in milliseconds. */
export function tokenOf({ email, keyId, key }: ServiceAccount, scope: string, now: number): string {
  const issued = Math.floor(now / 1000);
  const head = encoded({ alg: 'RS256', typ: 'JWT', kid: keyId });
  const claims = encoded({ iss: email, sub: email, scope, iat: issued, exp: issued + lifetime });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), key).toString('base64url');
  return `${head}.${claims}.${signature}`;
}
