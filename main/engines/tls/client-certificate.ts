import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';

/** What TLS is given of a client's certificate. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

const unusable = (message: Said, advice: Said, cause?: unknown): AppError =>
  new AppError('DB_TLS', message, { advice, cause });

function openKey(key: Uint8Array, passphrase: Uint8Array | null): KeyObject {
  const text = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  const encrypted = text.includes('ENCRYPTED');
  if (text.includes('BEGIN OPENSSH PRIVATE KEY')) {
    throw unusable(say('engine.keyClientCertificateSsh'), say('engine.keyClientCertificateSsh.advice'));
  }
  if (encrypted && (passphrase === null || passphrase.length === 0)) {
    throw unusable(
      say('engine.keyClientCertificateEncrypted'),
      say('engine.keyClientCertificateEncrypted.advice'),
    );
  }
  try {
    return createPrivateKey({
      key: text,
      format: 'pem',
      ...(passphrase === null ? {} : { passphrase: Buffer.from(passphrase) }),
    });
  } catch (cause) {
    throw encrypted
      ? unusable(say('engine.passphraseDoesNotOpen'), say('engine.passphraseDoesNotOpen.advice'), cause)
      : unusable(say('engine.keyClientCertificateCan'), say('engine.keyClientCertificateSsh.advice'), cause);
  }
}

/**
 * The client's certificate of a target, ready for TLS; null without one. Fails with DB_TLS and what is wrong with it
 * before anybody is asked: TLS itself would only say that something is.
 */
export function clientCertificate(
  target: Pick<Target, 'tlsCert' | 'tlsKey' | 'tlsKeyPassphrase'>,
): ClientCertificate | null {
  const { tlsCert, tlsKey } = target;
  if (tlsCert === null) return null;
  if (tlsKey === null) {
    throw unusable(say('engine.clientCertificateNoKey'), say('engine.clientCertificateNoKey.advice'));
  }
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(tlsCert);
  } catch (cause) {
    throw unusable(
      say('engine.clientCertificateCanNot'),
      say('engine.clientCertificateCanNot.advice'),
      cause,
    );
  }
  const key = openKey(tlsKey, target.tlsKeyPassphrase);
  if (!certificate.checkPrivateKey(key)) {
    throw unusable(say('engine.keyDoesNotBelong'), say('engine.keyDoesNotBelong.advice'));
  }
  return { cert: tlsCert, key: key.export({ type: 'pkcs8', format: 'pem' }) as string };
}
