import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { keyBytes, openBytes } from '../aead.ts';
import { isAge, isAgeByPassphrase, openAge, sealAge, WrongKey } from './age.ts';
import { usableKey } from './public-key.ts';
import { agreedKey, exchangeBytes, fingerprintOf, publicHalf } from './x25519.ts';

/*
 * A sealed bundle: bytes that only a passphrase opens, or the Headgate whose public key it was sealed to. They are sealed in
 * the age format. Headgate's own format before it is still opened: an envelope of JSON whose header is authenticated with the
 * content, so neither can be changed or exchanged for another's.
 */

const format = 'headgate-bundle';
const version = 1;
const info = 'headgate bundle 1';
const saltBytes = 16;
/** In characters. Some hundred connections that each bring the certificates of a whole cloud come near it. */
export const longestBundle = 20_000_000;

/**
 * What a file may ask for. Below it a guess would be cheap; above it, opening a file from elsewhere would take the memory
 * (128·N·r bytes) or the time of this computer.
 */
const least = { N: 2 ** 14, r: 8, p: 1 };
const most = { N: 2 ** 18, r: 16, p: 4, bytes: 256 * 1024 * 1024 };

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

interface ByPassphrase {
  readonly kind: 'passphrase';
  readonly kdf: 'scrypt';
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
}
interface ByPublicKey {
  readonly kind: 'public_key';
  /** Of the Headgate that can open it. */
  readonly fingerprint: string;
  /** The public half of a key pair that was made for this bundle alone. */
  readonly ephemeral: string;
}
type SealedFor = ByPassphrase | ByPublicKey;

export type BundleSeal = { readonly passphrase: string } | { readonly publicKey: string };
export type BundleKey = { readonly passphrase: string } | { readonly privateKey: Uint8Array };

/** The header in one way of writing, whatever the file looks like: the associated data of the seal. */
const contextOf = (header: SealedFor): string =>
  JSON.stringify(
    header.kind === 'passphrase'
      ? [format, version, header.kind, header.kdf, header.N, header.r, header.p, header.salt]
      : [format, version, header.kind, header.fingerprint, header.ephemeral],
  );

const keyFromPassphrase = (passphrase: string, { N, r, p, salt }: ByPassphrase): Promise<Buffer> =>
  derive(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), keyBytes, {
    N,
    r,
    p,
    // scrypt needs 128·(N·r + r·p) bytes; Node's default limit is below that.
    maxmem: 256 * N * r,
  });

/** Fails with INPUT_INVALID where a text that is about to leave is too long to be read again. */
export function insistReadable(text: string): string {
  if (text.length <= longestBundle) return text;
  throw new AppError('INPUT_INVALID', say('bundle.moreThanCanImported'), {
    advice: say('bundle.moreThanCanImported.advice'),
  });
}

/**
 * Seals to a passphrase, or to a public key as `vault.publicKey` gives it, in the age format. Fails with INPUT_INVALID for a
 * key that is none, and for more than could be opened again.
 */
export async function sealBundle(
  plain: Uint8Array,
  seal: BundleSeal,
  random: (bytes: number) => Buffer,
): Promise<string> {
  const whom = 'passphrase' in seal ? seal : { recipient: usableKey(seal.publicKey) };
  return insistReadable(await sealAge(plain, whom, random));
}

const unreadable = (why: Said, cause?: unknown): AppError =>
  new AppError('IMPORT_UNREADABLE', say('bundle.notSealedBundleCan', { why }), { cause });

const isWhole = (value: unknown, from: number, to: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;

/** Base64 in its one way of writing, of that many bytes. */
const isBase64 = (value: unknown, bytes?: number): value is string => {
  if (typeof value !== 'string') return false;
  const decoded = Buffer.from(value, 'base64');
  return decoded.toString('base64') === value && (bytes === undefined || decoded.byteLength === bytes);
};

function parseHeader(value: unknown): SealedFor {
  const header = (value ?? {}) as Record<string, unknown>;
  const { kind, kdf, N, r, p, salt, fingerprint, ephemeral } = header;
  if (kind === 'passphrase' && kdf === 'scrypt' && isBase64(salt, saltBytes)) {
    const isPower = typeof N === 'number' && Number.isInteger(Math.log2(N));
    const fits =
      isPower &&
      isWhole(N, least.N, most.N) &&
      isWhole(r, least.r, most.r) &&
      isWhole(p, least.p, most.p) &&
      128 * N * r <= most.bytes;
    if (!fits) throw unreadable(say('bundle.passphraseAsksMoreLess'));
    return { kind, kdf, N, r: r as number, p: p as number, salt };
  }
  const isFingerprint = typeof fingerprint === 'string' && /^[0-9a-f]{4}( [0-9a-f]{4}){5}$/.test(fingerprint);
  if (kind === 'public_key' && isFingerprint && isBase64(ephemeral, exchangeBytes))
    return { kind, fingerprint, ephemeral };
  throw unreadable(say('bundle.doesNotSayWhom'));
}

function parseBundle(text: string): { header: SealedFor; sealed: Buffer } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(say('bundle.notJson'), cause);
  }
  const envelope = (value ?? {}) as Record<string, unknown>;
  if (envelope['format'] !== format) throw unreadable(say('bundle.somethingElse'));
  if (envelope['version'] !== version) throw unreadable(say('bundle.anotherVersionHeadgateMade'));
  const { sealed } = envelope;
  if (!isBase64(sealed)) throw unreadable(say('bundle.contentNotComplete'));
  return { header: parseHeader(envelope['sealedFor']), sealed: Buffer.from(sealed, 'base64') };
}

/** Whether a passphrase opens it, or the Headgate that it was sealed for. Fails with IMPORT_UNREADABLE. */
export function isByPassphrase(text: string): boolean {
  if (text.length > longestBundle) throw unreadable(say('bundle.tooLarge'));
  if (!isAge(text)) return parseBundle(text).header.kind === 'passphrase';
  try {
    return isAgeByPassphrase(text);
  } catch (cause) {
    throw unreadable(notAge, cause);
  }
}

/** What was sealed. Fails with BUNDLE_WRONG_KEY or IMPORT_UNREADABLE. */
export async function openBundle(text: string, key: BundleKey): Promise<Buffer> {
  if (text.length > longestBundle) throw unreadable(say('bundle.tooLarge'));
  return isAge(text) ? openAgeBundle(text, key) : openOwnBundle(text, key);
}

const wrong = (message: Said, cause?: unknown): AppError =>
  new AppError('BUNDLE_WRONG_KEY', message, { cause });
const notAge = say('bundle.notWholeNotWhat');
const wrongPassphrase = say('bundle.passphraseDoesNotOpen');

async function openAgeBundle(text: string, key: BundleKey): Promise<Buffer> {
  try {
    return await openAge(text, key);
  } catch (cause) {
    if (!(cause instanceof WrongKey)) throw unreadable(notAge, cause);
    if ('passphrase' in key) throw wrong(wrongPassphrase, cause);
    const mine = fingerprintOf(publicHalf(key.privateKey));
    throw wrong(say('bundle.bundleSealedPassphraseAnother', { mine }), cause);
  }
}

async function openOwnBundle(text: string, key: BundleKey): Promise<Buffer> {
  const { header, sealed } = parseBundle(text);
  if (header.kind === 'passphrase') {
    if (!('passphrase' in key)) throw wrong(say('bundle.bundleSealedPassphrase'));
    const derived = await keyFromPassphrase(key.passphrase, header);
    try {
      return openBytes(derived, sealed, contextOf(header));
    } catch (cause) {
      throw wrong(wrongPassphrase, cause);
    } finally {
      derived.fill(0);
    }
  }
  const sealedFor = `This bundle was sealed for the Headgate with the fingerprint ${header.fingerprint}`;
  if (!('privateKey' in key)) throw wrong(say('bundle.notPassphrase', { sealedFor }));
  const recipient = publicHalf(key.privateKey);
  const mine = fingerprintOf(recipient);
  if (mine !== header.fingerprint) throw wrong(say('bundle.oneWorkspace', { sealedFor, mine }));
  const ephemeral = Buffer.from(header.ephemeral, 'base64');
  let agreed: Buffer | null = null;
  try {
    agreed = agreedKey(key.privateKey, ephemeral, ephemeral, recipient, info);
    return openBytes(agreed, sealed, contextOf(header));
  } catch (cause) {
    throw unreadable(say('bundle.changedAfterSealed'), cause);
  } finally {
    agreed?.fill(0);
  }
}
