import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/**
 * scrypt (RFC 7914) with N = 2^17, r = 8, p = 1: 128 MiB and some hundred milliseconds per guess, the parameters
 * OWASP's password storage cheat sheet gives for it.
 */
const cost = { N: 2 ** 17, r: 8, p: 1 };
const saltBytes = 16;
const magic = Buffer.from('HGP1');

/** A protector that derives its key from a passphrase the person enters; nothing of it is stored but the salt. */
export function passphraseProtector(passphrase: string, random: (bytes: number) => Buffer): KeyProtector {
  let last: { salt: Buffer; key: Promise<Buffer> } | null = null;
  /** Derived once per salt: whoever asks again, with a wrong passphrase too, must not cost 128 MiB each time. */
  const keyFor = (salt: Buffer): Promise<Buffer> => {
    if (last?.salt.equals(salt)) return last.key;
    // maxmem: scrypt needs 128·N·r bytes; Node's default limit is below that.
    const options = { ...cost, maxmem: 256 * cost.N * cost.r };
    const key = derive(passphrase.normalize('NFKC'), salt, keyBytes, options);
    const entry = { salt: Buffer.from(salt), key };
    last = entry;
    key.catch(() => {
      if (last === entry) last = null;
    });
    return key;
  };
  return {
    kind: 'passphrase',
    label: 'Passphrase',
    async seal(key) {
      if (passphrase.trim() === '') {
        throw new AppError('VAULT_UNAVAILABLE', say('vault.emptyPassphraseProtectsNothing'));
      }
      const salt = random(saltBytes);
      return Buffer.concat([magic, salt, sealBytes(await keyFor(salt), key, 'headgate passphrase', random)]);
    },
    async open(sealed) {
      const blob = Buffer.from(sealed);
      const head = magic.byteLength + saltBytes;
      if (blob.byteLength <= head || !blob.subarray(0, magic.byteLength).equals(magic)) {
        throw new AppError('VAULT_WRONG_KEY', say('vault.vaultNotSealedPassphrase'));
      }
      const key = await keyFor(blob.subarray(magic.byteLength, head));
      try {
        return openBytes(key, blob.subarray(head), 'headgate passphrase');
      } catch (cause) {
        throw new AppError('VAULT_WRONG_KEY', say('vault.passphraseDoesNotOpen'), { cause });
      }
    },
  };
}
