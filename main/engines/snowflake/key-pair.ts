import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** A user's key, and whose it is as Snowflake has it. */
export interface KeyPair {
  readonly key: KeyObject;
  /** `ACCOUNT.USER`. */
  readonly subject: string;
  /** `ACCOUNT.USER.SHA256:…`: the public half, by which Snowflake finds it. */
  readonly issuer: string;
}

/** Seconds that a token is good for; Snowflake takes one for a minute after it was made. */
const lifetime = 59;

/** The name of the account in its host: what stands before the first dot, where a locator's region begins. */
export const accountOf = (host: string): string => (host.split('.')[0] ?? '').toUpperCase();

/** Fails with DB_LOGIN_REFUSED where it is no key, or is not opened by the passphrase; nothing of either is repeated. */
export function readKeyPair(
  pem: Uint8Array,
  passphrase: Uint8Array | null,
  host: string,
  user: string,
): KeyPair {
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: Buffer.from(pem),
      ...(passphrase === null ? {} : { passphrase: Buffer.from(passphrase) }),
    });
  } catch {
    // What was wrong with it may be a piece of it.
    throw new AppError('DB_LOGIN_REFUSED', say('engines.snowflake.noKey'), {
      advice: say('engines.snowflake.noKey.advice'),
    });
  }
  if (key.asymmetricKeyType !== 'rsa')
    throw new AppError('DB_LOGIN_REFUSED', say('engines.snowflake.noKey'), {
      advice: say('engines.snowflake.noKey.advice'),
    });
  const subject = `${accountOf(host)}.${user.toUpperCase()}`;
  const half = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { key, subject, issuer: `${subject}.SHA256:${createHash('sha256').update(half).digest('base64')}` };
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token for one request. `now` in milliseconds. */
export function tokenOf({ key, subject, issuer }: KeyPair, now: number): string {
  const issued = Math.floor(now / 1000);
  const head = encoded({ alg: 'RS256', typ: 'JWT' });
  const claims = encoded({ iss: issuer, sub: subject, iat: issued, exp: issued + lifetime });
  return `${head}.${claims}.${sign('sha256', Buffer.from(`${head}.${claims}`), key).toString('base64url')}`;
}

/** The public half in the form that `ALTER USER … SET RSA_PUBLIC_KEY` takes. */
export const publicHalf = ({ key }: KeyPair): string =>
  createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
