import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';
import { agreedKey, exchangeBytes, fingerprintOf, parsePublicKey, publicHalf } from './x25519.ts';

/*
 * A sealed bundle: bytes in an envelope of JSON that only a passphrase opens, or the Headgate whose public key it was sealed
 * to. The header is authenticated with the content, so neither can be changed or exchanged for another's.
 */

const format = 'headgate-bundle';
const version = 1;
const info = 'headgate bundle 1';
const saltBytes = 16;
/** In characters. Some hundred connections that each bring the certificates of a whole cloud come near it. */
export const longestBundle = 20_000_000;

/** scrypt (RFC 7914), as for the passphrase of the vault: 128 MiB and some hundred milliseconds per guess. */
const cost = { N: 2 ** 17, r: 8, p: 1 };
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
  throw new AppError('INPUT_INVALID', 'This is more than can be imported again in one piece.', {
    advice: 'Choose fewer connections, and hand them over in several files.',
  });
}

/**
 * Seals to a passphrase, or to a public key as `vault.publicKey` gives it. Fails with INPUT_INVALID for one that is none, and
 * for more than could be opened again.
 */
export async function sealBundle(
  plain: Uint8Array,
  seal: BundleSeal,
  random: (bytes: number) => Buffer,
): Promise<string> {
  const { header, key } =
    'passphrase' in seal
      ? await forPassphrase(seal.passphrase, random)
      : forPublicKey(seal.publicKey, random);
  try {
    const sealed = sealBytes(key, plain, contextOf(header), random).toString('base64');
    return insistReadable(`${JSON.stringify({ format, version, sealedFor: header, sealed }, null, 2)}\n`);
  } finally {
    key.fill(0);
  }
}

async function forPassphrase(passphrase: string, random: (bytes: number) => Buffer) {
  const salt = random(saltBytes).toString('base64');
  const header: ByPassphrase = { kind: 'passphrase', kdf: 'scrypt', ...cost, salt };
  return { header, key: await keyFromPassphrase(passphrase, header) };
}

/** Like HPKE (RFC 9180) and age: a key pair of its own for every bundle, so that nobody but the recipient can open it later. */
function forPublicKey(text: string, random: (bytes: number) => Buffer) {
  const recipient = parsePublicKey(text);
  const secret = random(exchangeBytes);
  try {
    const ephemeral = publicHalf(secret);
    const header: ByPublicKey = {
      kind: 'public_key',
      fingerprint: fingerprintOf(recipient),
      ephemeral: ephemeral.toString('base64'),
    };
    return { header, key: agreedKey(secret, recipient, ephemeral, recipient, info) };
  } finally {
    secret.fill(0);
  }
}

const unreadable = (why: string, cause?: unknown): AppError =>
  new AppError('IMPORT_UNREADABLE', `This is not a sealed bundle that can be read: ${why}.`, { cause });

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
    if (!fits) throw unreadable('its passphrase asks for more, or less, than is sensible');
    return { kind, kdf, N, r: r as number, p: p as number, salt };
  }
  const isFingerprint = typeof fingerprint === 'string' && /^[0-9a-f]{4}( [0-9a-f]{4}){5}$/.test(fingerprint);
  if (kind === 'public_key' && isFingerprint && isBase64(ephemeral, exchangeBytes))
    return { kind, fingerprint, ephemeral };
  throw unreadable('it does not say whom it is sealed for');
}

function parseBundle(text: string): { header: SealedFor; sealed: Buffer } {
  if (text.length > longestBundle) throw unreadable('it is too large');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable('it is not JSON', cause);
  }
  const envelope = (value ?? {}) as Record<string, unknown>;
  if (envelope['format'] !== format) throw unreadable('it is something else');
  if (envelope['version'] !== version) throw unreadable('another version of Headgate made it');
  const { sealed } = envelope;
  if (!isBase64(sealed)) throw unreadable('its content is not complete');
  return { header: parseHeader(envelope['sealedFor']), sealed: Buffer.from(sealed, 'base64') };
}

/** Who can open it: a passphrase, or the Headgate with this fingerprint. Fails with IMPORT_UNREADABLE. */
export function bundleSealedFor(text: string): { passphrase: true } | { fingerprint: string } {
  const { header } = parseBundle(text);
  return header.kind === 'passphrase' ? { passphrase: true } : { fingerprint: header.fingerprint };
}

/** What was sealed. Fails with BUNDLE_WRONG_KEY or IMPORT_UNREADABLE. */
export async function openBundle(text: string, key: BundleKey): Promise<Buffer> {
  const { header, sealed } = parseBundle(text);
  const wrong = (message: string, cause?: unknown): AppError =>
    new AppError('BUNDLE_WRONG_KEY', message, { cause });
  if (header.kind === 'passphrase') {
    if (!('passphrase' in key)) throw wrong('This bundle was sealed with a passphrase.');
    const derived = await keyFromPassphrase(key.passphrase, header);
    try {
      return openBytes(derived, sealed, contextOf(header));
    } catch (cause) {
      throw wrong('The passphrase does not open this bundle, or the bundle was changed.', cause);
    } finally {
      derived.fill(0);
    }
  }
  const sealedFor = `This bundle was sealed for the Headgate with the fingerprint ${header.fingerprint}`;
  if (!('privateKey' in key)) throw wrong(`${sealedFor}, not with a passphrase.`);
  const recipient = publicHalf(key.privateKey);
  const mine = fingerprintOf(recipient);
  if (mine !== header.fingerprint) throw wrong(`${sealedFor}; the one of this workspace is ${mine}.`);
  const ephemeral = Buffer.from(header.ephemeral, 'base64');
  let agreed: Buffer | null = null;
  try {
    agreed = agreedKey(key.privateKey, ephemeral, ephemeral, recipient, info);
    return openBytes(agreed, sealed, contextOf(header));
  } catch (cause) {
    throw unreadable('it was changed after it was sealed', cause);
  } finally {
    agreed?.fill(0);
  }
}
