import { createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { keyBytes } from '../aead.ts';

/** RFC 7748: private and public keys and what two of them agree on are 32 bytes. */
export const exchangeBytes = 32;
/** The DER around the 32 bytes of a key (RFC 8410), the form in which the crypto library takes them. */
const privateDer = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicDer = Buffer.from('302a300506032b656e032100', 'hex');

const privateKey = (raw: Uint8Array) => {
  const key = Buffer.concat([privateDer, raw]);
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } finally {
    key.fill(0);
  }
};

/** The public half of 32 random bytes. */
export function publicHalf(secret: Uint8Array): Buffer {
  const spki = createPublicKey(privateKey(secret)).export({ format: 'der', type: 'spki' });
  return Buffer.from(spki.subarray(publicDer.byteLength));
}

/**
 * The key that both sides of an exchange come to: X25519 (RFC 7748) and HKDF-SHA-256 (RFC 5869) over what it gives, salted
 * with both public keys, so that it belongs to these two alone. Fails with INPUT_INVALID for a point of small order.
 */
export function agreedKey(
  secret: Uint8Array,
  theirs: Uint8Array,
  ephemeral: Uint8Array,
  recipient: Uint8Array,
  info: string,
): Buffer {
  const unusable = (cause?: unknown): AppError =>
    new AppError('INPUT_INVALID', say('bundle.notPublicKeyAnything'), { cause });
  let shared: Buffer;
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([publicDer, theirs]),
      format: 'der',
      type: 'spki',
    });
    shared = diffieHellman({ privateKey: privateKey(secret), publicKey });
  } catch (cause) {
    throw unusable(cause);
  }
  try {
    // RFC 7748 §6.1: all zero says that the other key was chosen so that everybody knows the result.
    if (shared.every((byte) => byte === 0)) throw unusable();
    return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([ephemeral, recipient]), info, keyBytes));
  } finally {
    shared.fill(0);
  }
}

/** The first 96 bits of its SHA-256, in six groups of four hex digits: enough to compare, short enough to read out. */
export function fingerprintOf(raw: Uint8Array): string {
  const hex = createHash('sha256').update(raw).digest('hex').slice(0, 24);
  return (hex.match(/.{4}/g) as string[]).join(' ');
}
