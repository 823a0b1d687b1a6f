import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { type AppError, badField } from '../errors.ts';

/* Whose certificates sources are believed. Node knows the authorities of the computer, but asks them only when told to. */

/** Codes of OpenSSL for a certificate whose authority is not known here. */
const unknownAuthority: ReadonlySet<unknown> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);
/** Whether a failure of TLS means that nobody whom this computer trusts issued the certificate. */
export const isUnknownAuthority = (code: unknown): boolean => unknownAuthority.has(code);

/** Other codes for a certificate that does not pass: out of its time, for another name, revoked, badly signed. */
const refusedCertificate: ReadonlySet<unknown> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
/** Whether a failure of TLS is one of the server's certificate. */
export const isCertificateFault = (code: unknown): boolean =>
  isUnknownAuthority(code) || refusedCertificate.has(code);

/**
 * The authorities of this computer beside Node's own. Reading them takes a tenth of a second, so it is done for the few
 * servers that need it: those whose certificate Node's own do not know.
 */
export const allAuthorities = (): string[] => [
  ...new Set([...getCACertificates('default'), ...getCACertificates('system')]),
];

/** Whom to believe: a CA that is entered, as it is, also one that another signed; else all that this computer does. */
export const trusting = (ca: string | null): { ca: string | string[]; allowPartialTrustChain?: true } =>
  ca === null ? { ca: allAuthorities() } : { ca, allowPartialTrustChain: true };

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** A bundle of a company's authorities has some dozen; more is the list of a whole computer, which is trusted anyway. */
const mostCertificates = 100;

/** The certificates of a PEM text, one behind the other. Fails with INPUT_INVALID where one can't be read or there is none. */
export function readCertificates(pem: string): X509Certificate[] {
  const refused = (why: Said): AppError =>
    badField('tlsCa', why, {
      advice: say('network.caCertificate.advice'),
    });
  const blocks = pem.match(block) ?? [];
  if (blocks.length === 0) throw refused(say('network.holdsNoPemCertificate'));
  if (blocks.length > mostCertificates)
    throw refused(say('network.holdsMoreThanCertificates', { mostCertificates }));
  return blocks.map((text, at) => {
    try {
      return new X509Certificate(text);
    } catch {
      throw refused(
        blocks.length === 1
          ? say('network.certificateCanNotRead')
          : say('network.certificateCanNotRead2', { number: at + 1, count: blocks.length }),
      );
    }
  });
}
