import { isIP } from 'node:net';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { placeText } from '../wire/tcp.ts';

/** Addresses of the computer itself, as they are written; a name that only leads there may lead elsewhere tomorrow. */
function isOwnComputer(host: string): boolean {
  if (host.startsWith('/') || host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/**
 * Whether the server at the other end is known for certain to be the one that was meant: TLS that checked the chain and the
 * name, or the chain against an authority of the connection's own; else a server on the computer itself, or on the last
 * jump host, whose key was checked.
 */
function isCertain(target: Target, tls: TlsDetails): boolean {
  if (isOwnComputer(target.hostAddress ?? target.host)) return true;
  return tls.protocol !== null && (target.tlsMode === 'verify-full' || target.tlsCa !== null);
}

/**
 * A server may ask for the password as it is (pg_hba.conf: `password`, `ldap`, `pam`, `radius`). Whoever poses as the server
 * asks the same, and then has it; libpq answers, unless `require_auth` forbids it. Fails with DB_PASSWORD_ASKED where it
 * is not certain who asks.
 */
export function insistClearTextAllowed(target: Target, tls: TlsDetails): void {
  if (isCertain(target, tls)) return;
  const place = { place: placeText(target.host, target.port) };
  throw new AppError(
    'DB_PASSWORD_ASKED',
    tls.protocol === null
      ? say('engine.clearTextUnencrypted', place)
      : say('engine.clearTextUnchecked', place),
  );
}
