import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Ended } from '../store/data/credentials.ts';
import { openBytes, sealBytes } from '../vault/aead.ts';
import type { StoredShare } from './shared-table.ts';

/** Bytes of the key that the workspaces of a shared sign-in have in common. */
export const shareKeyBytes = 32;

/** What a workspace knows of a share, beside its key; in the vault with the tokens, under the field `share`. */
export interface Share {
  readonly id: string;
  /** The newest version that was seen; an older one is no longer taken. 0 before the first. */
  readonly version: number;
  /** Whether the tokens here are newer than that version, and nobody else has them yet. */
  readonly pending: boolean;
  /** The connection to the database that its workspaces meet in. */
  readonly connectionId: string;
}

/** What is sealed of one version. */
export interface SharedContent {
  readonly accessToken: string;
  /** Empty where there is none. */
  readonly refreshToken: string;
  /** ISO instant at which the access token runs out. */
  readonly expiresAt: string;
  readonly account: string;
  readonly externalUserId: string;
  readonly scopes: readonly string[];
  /** Why it is over; null while it works. `disconnected` by somebody, for everybody. */
  readonly ended: Ended | 'disconnected' | null;
}

/** The share in the vault's record; null where a sign-in is not shared. */
export function parseShare(text: string | undefined): Share | null {
  return text === undefined ? null : (JSON.parse(text) as Share);
}

/** A row can't be put in the place of another one, of another server, or of another version of the same. */
const contextOf = (id: string, origin: string, version: number): string =>
  JSON.stringify(['headgate shared sign-in', 1, id, origin, version]);

/** Seals a version of a share for the database. */
export function sealShare(
  key: string,
  { id, origin, version }: { readonly id: string; readonly origin: string; readonly version: number },
  content: SharedContent,
  random: (bytes: number) => Buffer,
): StoredShare {
  const [bytes, plain] = [Buffer.from(key, 'base64url'), Buffer.from(JSON.stringify(content))];
  try {
    return { origin, version, sealed: sealBytes(bytes, plain, contextOf(id, origin, version), random) };
  } finally {
    bytes.fill(0);
    plain.fill(0);
  }
}

/** Told of a row that is not what a workspace of this share wrote last. */
export const untrusted = (why: Said): AppError =>
  new AppError('SHARED_SIGN_IN_REFUSED', say('oauth.sharedSignDatabaseNot', { why }));

/**
 * What a row holds. Fails with SHARED_SIGN_IN_REFUSED where it is of another server, older than what was seen, or was not
 * sealed by a workspace of this share.
 */
export function openShare(
  key: string,
  { id, origin, seen }: { readonly id: string; readonly origin: string; readonly seen: number },
  row: StoredShare | null,
): SharedContent {
  if (row === null) throw untrusted(say('oauth.rowGone'));
  if (row.origin !== origin) throw untrusted(say('oauth.anotherServer'));
  if (row.version < seen) throw untrusted(say('oauth.olderThanOneBefore'));
  const bytes = Buffer.from(key, 'base64url');
  let plain: Buffer | null = null;
  try {
    plain = openBytes(bytes, row.sealed, contextOf(id, origin, row.version));
    return JSON.parse(plain.toString('utf8')) as SharedContent;
  } catch (cause) {
    throw new AppError('SHARED_SIGN_IN_REFUSED', say('oauth.sharedSignDatabaseNotTaken'), { cause });
  } finally {
    bytes.fill(0);
    plain?.fill(0);
  }
}
