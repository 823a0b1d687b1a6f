import type { ServerCertificate } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
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
  const made = (message: Said, advice: Said): AppError => new AppError('DB_TLS', message, { advice });
  if (!certificate) {
    return made(say('engine.showedNoCertificate', { where }), say('engine.showedNoCertificate.advice'));
  }
  const { validFrom, validTo, issuer, names, fingerprint } = certificate;
  const code =
    problem instanceof Error ? ((problem as { code?: string }).code ?? problem.message) : (problem ?? '');
  const from = commonName(issuer);
  const ownCa = target.tlsCa !== null;
  if (code === 'CERT_HAS_EXPIRED' && Date.parse(validTo) < Date.now()) {
    return made(
      say('engine.certificateExpiredValidFrom', { where, day: day(validTo), day2: day(validFrom) }),
      say('engine.certificateExpiredValidFrom.advice'),
    );
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return made(
      say('engine.certificateAboveIssuedExpired', { where, from }),
      say('engine.certificateAboveIssuedExpired.advice'),
    );
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return made(
      say('engine.certificateNotValidYet', { where, day: day(validFrom), day2: day(validTo) }),
      say('engine.certificateNotValidYet.advice'),
    );
  }
  if (selfSigned.has(code)) {
    return made(
      ownCa
        ? say('engine.certificateIssuedItselfNot', { where, from })
        : say('engine.certificateIssuedItselfNo', { where, from }),
      say('engine.compareSha256Fingerprint', { slice: fingerprint.slice(0, 23) }),
    );
  }
  if (untrusted.has(code)) {
    return made(
      ownCa
        ? say('engine.certificateIssuedNotCa', { where, from })
        : say('engine.certificateIssuedNoAuthority', { where, from }),
      say('engine.enterCertificateCaConnection', { from }),
    );
  }
  if (code !== '') {
    return made(
      say('engine.certificateIssuedDidNot', { where, from }),
      say('engine.certificateIssuedDidNot.advice'),
    );
  }
  if (target.tlsMode === 'verify-full' && !isMadeFor(names, target.host)) {
    const list = names.slice(0, 5);
    return made(
      list.length === 0
        ? say('engine.certificateMadeNoName', { where, host: target.host })
        : say('engine.certificateMadeNot', { where, list: { quoted: list }, host: target.host }),
      names.length === 0 ? say('engine.chooseTlsModeVerify') : say('engine.enterOneTheseNames'),
    );
  }
  return null;
}
