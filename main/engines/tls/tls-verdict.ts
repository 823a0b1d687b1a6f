import type { ServerCertificate } from '../../../preload/contract/models.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { placeText } from '../wire/tcp.ts';
import { commonName, isMadeFor } from './certificate.ts';

/** A day as people write it, in UTC. */
const day = (instant: string): string => instant.slice(0, 10);

/** Codes of OpenSSL's verification (`man openssl-verification-options`), as Node names them, by what they mean for a person. */
const selfSigned = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT']);
const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);

/**
 * What is wrong with a server's certificate, in words and with what to do; null when nothing is. `problem` is what the
 * check of the chain found.
 */
export function refuse(
  target: Pick<Target, 'host' | 'port' | 'tlsMode' | 'tlsCa'>,
  certificate: ServerCertificate | null,
  problem: string | Error | null,
): AppError | null {
  const where = placeText(target.host, target.port);
  const made = (message: string, advice: string): AppError => new AppError('DB_TLS', message, { advice });
  if (!certificate) {
    return made(`${where} showed no certificate.`, 'Ask whoever runs the server to give it a certificate.');
  }
  const { validFrom, validTo, issuer, names, fingerprint } = certificate;
  const code =
    problem instanceof Error ? ((problem as { code?: string }).code ?? problem.message) : (problem ?? '');
  const from = commonName(issuer);
  const whose =
    target.tlsCa === null ? 'no authority that this computer trusts' : 'not the CA of this connection';
  if (code === 'CERT_HAS_EXPIRED' && Date.parse(validTo) < Date.now()) {
    return made(
      `The certificate of ${where} expired on ${day(validTo)}; it was valid from ${day(validFrom)}.`,
      'Ask whoever runs the server to renew its certificate. If the date is not past, correct the clock of this computer.',
    );
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return made(
      `A certificate above that of ${where}, which “${from}” issued, has expired.`,
      'Ask whoever runs the server for the renewed CA certificate, and enter it here.',
    );
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return made(
      `The certificate of ${where} is not valid yet: only from ${day(validFrom)} to ${day(validTo)}.`,
      'Check date and time of this computer. If they are right, ask whoever runs the server to correct its certificate.',
    );
  }
  if (selfSigned.has(code)) {
    return made(
      `The certificate of ${where} was issued by itself (“${from}”), which is ${whose}.`,
      `Compare its SHA-256 fingerprint with the administrator of the server; if it is ${fingerprint.slice(0, 23)}…, enter this certificate as the CA.`,
    );
  }
  if (untrusted.has(code)) {
    return made(
      `The certificate of ${where} was issued by “${from}”, which is ${whose}.`,
      `Enter the certificate of “${from}” as the CA of this connection, if your administrator confirms that it is the right one.`,
    );
  }
  if (code !== '') {
    return made(
      `The certificate of ${where}, issued by “${from}”, did not pass the check.`,
      'Ask whoever runs the server to look at its certificate and the chain above it.',
    );
  }
  if (target.tlsMode === 'verify-full' && !isMadeFor(names, target.host)) {
    const list = names.slice(0, 5).map((name) => `“${name}”`);
    return made(
      `The certificate of ${where} is made for ${list.join(', ') || 'no name'}, not for “${target.host}”.`,
      names.length === 0
        ? 'Choose TLS mode “verify-ca”, or ask for a certificate with the name of this host.'
        : 'Enter one of these names as the host. If none of them leads there, choose TLS mode “verify-ca”, or ask for a certificate with the name of this host.',
    );
  }
  return null;
}
