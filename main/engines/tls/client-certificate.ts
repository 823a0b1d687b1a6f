import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';

/** What TLS is given of a client's certificate. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

const unusable = (message: string, advice: string, cause?: unknown): AppError =>
  new AppError('DB_TLS', message, { advice, cause });

function openKey(key: Uint8Array, passphrase: Uint8Array | null): KeyObject {
  const text = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  const encrypted = text.includes('ENCRYPTED');
  if (text.includes('BEGIN OPENSSH PRIVATE KEY')) {
    throw unusable(
      'The key of the client certificate is an SSH key, which TLS can not use.',
      'Enter the PEM key that belongs to the client certificate.',
    );
  }
  if (encrypted && (passphrase === null || passphrase.length === 0)) {
    throw unusable(
      'The key of the client certificate is encrypted, and its passphrase is missing.',
      'Enter the passphrase of the key of the client certificate.',
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
      ? unusable(
          'The passphrase does not open the key of the client certificate.',
          'Enter the passphrase of the key of the client certificate again.',
          cause,
        )
      : unusable(
          'The key of the client certificate can not be read.',
          'Enter the PEM key that belongs to the client certificate.',
          cause,
        );
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
    throw unusable(
      'The client certificate has no key.',
      'Enter the private key that belongs to the client certificate, or remove the certificate.',
    );
  }
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(tlsCert);
  } catch (cause) {
    throw unusable(
      'The client certificate can not be read.',
      'Enter the certificate in PEM form, with its chain below it.',
      cause,
    );
  }
  const key = openKey(tlsKey, target.tlsKeyPassphrase);
  if (!certificate.checkPrivateKey(key)) {
    throw unusable(
      'The key does not belong to the client certificate.',
      'Enter the private key that was made with this certificate.',
    );
  }
  return { cert: tlsCert, key: key.export({ type: 'pkcs8', format: 'pem' }) as string };
}
