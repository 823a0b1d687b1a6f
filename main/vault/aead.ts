import { createCipheriv, createDecipheriv } from 'node:crypto';

export const keyBytes = 32;
/** NIST SP 800-38D: 96-bit nonces, 128-bit tags. Random nonces are safe far beyond the number of secrets here. */
const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. `context` is authenticated, not stored. */
export function sealBytes(
  key: Uint8Array,
  plain: Uint8Array,
  context: string,
  random: (bytes: number) => Buffer,
): Buffer {
  const nonce = random(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(context, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link sealBytes} made; throws when key, context or a single bit differs. */
export function openBytes(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  if (sealed.byteLength < nonceBytes + tagBytes) throw new Error('sealed value is too short');
  const buffer = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, buffer.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(buffer.subarray(buffer.byteLength - tagBytes));
  const plain = decipher.update(buffer.subarray(nonceBytes, buffer.byteLength - tagBytes));
  try {
    // GCM is a stream: nothing is left for the end, which only checks the tag. So there is one copy, the caller's.
    decipher.final();
    return plain;
  } catch (error) {
    plain.fill(0);
    throw error;
  }
}
