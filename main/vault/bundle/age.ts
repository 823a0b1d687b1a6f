import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { base64nopad, bech32 } from '@scure/base';
import { armor, Decrypter, Encrypter, type Identity, type Recipient, Stanza } from 'age-encryption';
import { exchangeBytes } from './x25519.ts';

/*
 * The age format (age-encryption.org/v1), armoured, so that the bundle is a text and opens with any tool that knows age. The
 * library does everything but the passphrase: its scrypt is synchronous JavaScript and does not say what it takes of a file
 * from elsewhere; here it is the system's, beside the main thread and with bounds.
 */

const begin = '-----BEGIN AGE ENCRYPTED FILE-----';
export const isAge = (text: string): boolean => text.trimStart().startsWith(begin);

const derive = promisify<string | Buffer, Buffer, number, object, Buffer>(scrypt);
const label = 'age-encryption.org/v1/scrypt';
const saltBytes = 16;
const fileKeyBytes = 16;
const tagBytes = 16;
/** What age itself takes: 2^18, 256 MiB and about a second per guess. */
const workFactor = 18;
/** Below it a guess would be cheap; above it a file from elsewhere would take the memory or the time of this computer. */
const leastFactor = 14;
const mostFactor = 18;
/** Some hundred recipients, in bytes. */
const longestHeader = 65_536;

/** The key that wraps the key of the file; used once, so that its nonce is zero (age's own rule). */
const wrapper = (key: Uint8Array) => chacha20poly1305(key, new Uint8Array(12));

const keyOf = (passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> =>
  derive(passphrase, Buffer.concat([Buffer.from(label), salt]), 32, {
    ...{ N: 2 ** logN, r: 8, p: 1 },
    // scrypt needs 128·N·r bytes and a little; Node's default limit is below that.
    maxmem: 256 * 2 ** logN * 8,
  });

/** As most systems type it: what is composed is one character. */
const typed = (passphrase: string): string => passphrase.normalize('NFC');

const passphraseRecipient = (passphrase: string, random: (bytes: number) => Buffer): Recipient => ({
  async wrapFileKey(fileKey) {
    const salt = random(saltBytes);
    const key = await keyOf(typed(passphrase), salt, workFactor);
    try {
      const args = ['scrypt', base64nopad.encode(salt), String(workFactor)];
      return [new Stanza(args, wrapper(key).encrypt(fileKey))];
    } finally {
      key.fill(0);
    }
  },
});

/** How a file begins that a passphrase opens. */
const firstStanza = Buffer.from('age-encryption.org/v1\n-> scrypt ');

/** The file is as it should be, and for another key. */
export class WrongKey extends Error {}

function passphraseIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const [stanza, second] = stanzas;
      if (stanza?.args[0] !== 'scrypt') return null;
      const [, saltText = '', factorText = ''] = stanza.args;
      // Whoever has the passphrase must be the only one who can open it (age's own rule), or it says nothing of who sealed it.
      if (second !== undefined || stanza.args.length !== 3) throw new Error('more than one passphrase');
      const salt = base64nopad.decode(saltText);
      const factor = /^[1-9]\d?$/.test(factorText) ? Number(factorText) : 0;
      if (salt.length !== saltBytes || stanza.body.length !== fileKeyBytes + tagBytes)
        throw new Error('its passphrase is not written as age does');
      if (factor < leastFactor || factor > mostFactor)
        throw new Error('its passphrase asks for more, or less, than is sensible');
      const key = await keyOf(typed(passphrase), salt, factor);
      try {
        return wrapper(key).decrypt(stanza.body);
      } catch {
        return null;
      } finally {
        key.fill(0);
      }
    },
  };
}

/** 32 bytes of a public key, as age writes them: `age1…`, with a checksum. */
export const recipientText = (raw: Uint8Array): string => bech32.encodeFromBytes('age', raw);

/** The 32 bytes of a key that age wrote; null where it is none, or one of another kind. */
export function recipientBytes(text: string): Uint8Array | null {
  try {
    const { prefix, bytes } = bech32.decodeToBytes(text);
    return prefix === 'age' && bytes.length === exchangeBytes ? bytes : null;
  } catch {
    return null;
  }
}

export type AgeSeal = { readonly passphrase: string } | { readonly recipient: Uint8Array };
export type AgeKey = { readonly passphrase: string } | { readonly privateKey: Uint8Array };

export async function sealAge(
  plain: Uint8Array,
  seal: AgeSeal,
  random: (bytes: number) => Buffer,
): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(
    'passphrase' in seal ? passphraseRecipient(seal.passphrase, random) : recipientText(seal.recipient),
  );
  return armor.encode(await encrypter.encrypt(plain));
}

/** Whether its first recipient is a passphrase, which is then the only one. Fails where it is no armoured file. */
export function isAgeByPassphrase(text: string): boolean {
  const file = armor.decode(text);
  return Buffer.from(file.subarray(0, firstStanza.byteLength)).equals(firstStanza);
}

/** What was sealed. Fails with WrongKey where it is for somebody else, and with what the library says where it is damaged. */
export async function openAge(text: string, key: AgeKey): Promise<Buffer> {
  const file = armor.decode(text);
  // Each recipient costs an exchange of keys: a file for thousands of them would take the time of this computer.
  const head = Buffer.from(file.buffer, file.byteOffset, Math.min(file.byteLength, longestHeader));
  if (head.indexOf('\n---') < 0) throw new Error('it is for more people than is sensible');
  const decrypter = new Decrypter();
  decrypter.addIdentity(
    'passphrase' in key
      ? passphraseIdentity(key.passphrase)
      : bech32.encodeFromBytes('AGE-SECRET-KEY-', key.privateKey).toUpperCase(),
  );
  try {
    return Buffer.from(await decrypter.decrypt(file));
  } catch (cause) {
    if (cause instanceof Error && /no identity matched/.test(cause.message))
      throw new WrongKey('', { cause });
    throw cause;
  }
}
