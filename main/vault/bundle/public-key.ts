import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { recipientBytes, recipientText } from './age.ts';
import { agreedKey, exchangeBytes } from './x25519.ts';

/** How a public key is written for people to pass on: as a recipient of age, `age1…`. */
export const publicKeyText = recipientText;

/** Fails with INPUT_INVALID. Takes also how Headgate wrote it before: `headgate-x25519:` and 32 bytes in base64url. */
export function parsePublicKey(text: string): Uint8Array {
  const trimmed = text.trim();
  const [, before = ''] = /^headgate-x25519:([A-Za-z0-9_-]{43})$/.exec(trimmed) ?? [];
  const raw = before === '' ? recipientBytes(trimmed) : Buffer.from(before, 'base64url');
  if (raw?.byteLength === exchangeBytes) return raw;
  throw new AppError('INPUT_INVALID', say('bundle.notPublicKeyHeadgate'));
}

/** The same, of a key that something can be sealed to. Fails with INPUT_INVALID for one with which everybody comes to the same. */
export function usableKey(text: string): Uint8Array {
  const raw = parsePublicKey(text);
  const any = Buffer.alloc(exchangeBytes, 1);
  agreedKey(any, raw, raw, raw, '').fill(0);
  return raw;
}
