import { createHash, hkdfSync } from 'node:crypto';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';

/*
 * The recovery key: 32 random bytes that a person keeps on paper. It is written in Crockford's base 32, in which no two
 * signs look alike, in 13 groups of four signs and a fifth that is computed from them, so that a slip of the pen is told
 * with its group. Nothing of it is stored but the data key that it seals.
 */

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groups = 13;
const groupSigns = 4;
const saltBytes = 16;
const info = 'headgate recovery key';
const magic = Buffer.from('HGR1');

/** Twice a number of the field with 32 elements (x⁵ + x² + 1). */
const doubled = (value: number): number => (value & 16 ? ((value << 1) ^ 0x25) & 31 : value << 1);

/** Changes with every single sign, with two neighbours that changed places, and with the place of the group. */
const checkOf = (signs: readonly number[], group: number): number =>
  doubled(signs.reduce((sum, sign) => doubled(sum) ^ sign, 0)) ^ (group + 1);

/** 260 bits in 52 signs: the key, and four bits of its SHA-256. */
function signsOf(key: Uint8Array): number[] {
  const bits = [...key, createHash('sha256').update(key).digest()[0] as number]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return Array.from({ length: groups * groupSigns }, (_, at) =>
    Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2),
  );
}

/** The key as it is put on paper. */
export function recoveryText(key: Uint8Array): string {
  const signs = signsOf(key);
  return Array.from({ length: groups }, (_, group) => {
    const four = signs.slice(group * groupSigns, (group + 1) * groupSigns);
    return [...four, checkOf(four, group)].map((sign) => alphabet[sign]).join('');
  }).join('-');
}

const mistyped = (what: Said): AppError =>
  new AppError('INPUT_INVALID', say('vault.recoveryKeyNotTyped', { what }), {
    advice: say('vault.recoveryKeyNotTyped.advice'),
  });

/** Reads what somebody typed. Fails with INPUT_INVALID, naming the group that is wrong. */
export function parseRecoveryKey(text: string): Buffer {
  const typed = text.toUpperCase().replace(/[\s\-–—_.]/g, '');
  const signs = [...typed].map((sign) =>
    alphabet.indexOf(sign === 'O' ? '0' : /[IL]/.test(sign) ? '1' : sign),
  );
  const whole = groupSigns + 1;
  const strange = signs.indexOf(-1);
  if (strange >= 0) throw mistyped(say('vault.mistyped.sign', { group: Math.floor(strange / whole) + 1 }));
  const data: number[] = [];
  for (let group = 0; group < Math.min(groups, Math.floor(signs.length / whole)); group += 1) {
    const four = signs.slice(group * whole, group * whole + groupSigns);
    if (checkOf(four, group) !== signs[group * whole + groupSigns])
      throw mistyped(say('vault.mistyped.group', { group: group + 1 }));
    data.push(...four);
  }
  if (signs.length !== groups * whole)
    throw mistyped(say('vault.mistyped.length', { groups, signs: whole, typed: signs.length }));
  const bits = data.map((sign) => sign.toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(
    (bits.slice(0, keyBytes * 8).match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)),
  );
  if (signsOf(key).at(-1) !== data.at(-1)) throw mistyped(say('vault.mistyped.whole'));
  return key;
}

/** Seals the data key with the recovery key. That is random, so nothing has to make guesses at it slow. */
export function recoveryProtector(key: Uint8Array, random: (bytes: number) => Buffer): KeyProtector {
  const derived = (salt: Uint8Array): Buffer => Buffer.from(hkdfSync('sha256', key, salt, info, keyBytes));
  return {
    kind: 'recovery',
    label: 'Recovery key',
    async seal(bytes) {
      const salt = random(saltBytes);
      return Buffer.concat([magic, salt, sealBytes(derived(salt), bytes, info, random)]);
    },
    async open(sealed) {
      const blob = Buffer.from(sealed);
      const head = magic.byteLength + saltBytes;
      try {
        if (!blob.subarray(0, magic.byteLength).equals(magic)) throw new Error('sealed by something else');
        return openBytes(derived(blob.subarray(magic.byteLength, head)), blob.subarray(head), info);
      } catch (cause) {
        throw new AppError('VAULT_WRONG_KEY', say('vault.recoveryKeyDoesNot'), { cause });
      }
    },
  };
}
