import { randomUUID } from 'node:crypto';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import { keyBytes, openBytes, sealBytes } from '../vault/aead.ts';

const service = 'org.headgate.vault';

/** The small part of `@napi-rs/keyring` in use; an argument so that failures can be tested. */
export interface KeyringEntry {
  getPassword(): string | null;
  setPassword(password: string): void;
  deletePassword(): boolean;
}
export type OpenEntry = (service: string, account: string) => KeyringEntry;

/**
 * The operating system's keyring. On Linux the store is pinned to the Secret Service: unpinned, the package falls
 * back silently to the kernel's keyring, which forgets at reboot.
 */
export async function openOsKeyring(): Promise<OpenEntry> {
  const { Entry } = await import('@napi-rs/keyring');
  return (name, account) => new Entry(name, account, { linux: { store: 'secret-service' } });
}

const labels: Record<string, string> = {
  darwin: 'macOS Keychain',
  win32: 'Windows Credential Manager',
  linux: 'Secret Service (GNOME Keyring, KWallet)',
};

const isLocked = (text: string): boolean => /dismissed|locked/i.test(text);
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The package gives every failure the same code; only the text tells them apart. */
function explain(error: unknown): string {
  const text = textOf(error);
  if (isLocked(text)) return 'the keyring is locked and its prompt was dismissed';
  if (/no result found/i.test(text)) return 'there is no default keyring yet';
  if (/D-?Bus|socket|autolaunch/i.test(text)) return 'no Secret Service is running in this session';
  return 'the keyring did not answer';
}

/**
 * Seals the data key with a key of its own that is kept in the keyring. A missing entry is never taken for a first
 * run: only `seal` makes one.
 */
export function osKeyringProtector(open: OpenEntry, random: (bytes: number) => Buffer): KeyProtector {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw new AppError('VAULT_LOCKED', say('command.vaultLocked', { why: explain(cause) }), { cause });
    }
  };
  return {
    kind: 'os_keyring',
    label: labels[process.platform] ?? 'Operating system keyring',
    async seal(key) {
      const account = randomUUID();
      const wrapping = random(keyBytes);
      attempt(() => open(service, account).setPassword(wrapping.toString('base64')));
      const sealed = sealBytes(wrapping, key, account, random);
      return Buffer.from(JSON.stringify({ v: 1, account, sealed: sealed.toString('base64') }));
    },
    async open(blob) {
      const { account, sealed } = readBlob(blob);
      const wrapping = attempt(() => open(service, account).getPassword());
      if (wrapping === null) {
        throw new AppError('VAULT_LOCKED', say('command.keyVaultNotKeyring'));
      }
      try {
        return openBytes(Buffer.from(wrapping, 'base64'), Buffer.from(sealed, 'base64'), account);
      } catch (cause) {
        const text = say('command.keyringHoldsAnotherKey');
        throw new AppError('VAULT_WRONG_KEY', text, { cause });
      }
    },
    async forget(blob) {
      const { account } = readBlob(blob);
      // False when there is none any more, which is as good.
      attempt(() => open(service, account).deletePassword());
    },
  };
}

/** What `seal` made; anything else in its place can never be opened by a keyring, so it is no reason to wait for one. */
function readBlob(blob: Uint8Array): { account: string; sealed: string } {
  try {
    const value: unknown = JSON.parse(Buffer.from(blob).toString('utf8'));
    const { v, account, sealed } = (value ?? {}) as { v?: unknown; account?: unknown; sealed?: unknown };
    if (v === 1 && typeof account === 'string' && typeof sealed === 'string') return { account, sealed };
  } catch {
    // Not JSON: said below.
  }
  throw new AppError('VAULT_WRONG_KEY', say('command.vaultNotSealedKeyring'));
}

/**
 * Null when a probe entry can be written, read back and deleted, or when the keyring is there and only locked: the vault
 * then says so and opens once it is unlocked. Else why there is none, in words.
 */
export function probeOsKeyring(open: OpenEntry, random: (bytes: number) => Buffer): string | null {
  try {
    const entry = open(service, `probe-${randomUUID()}`);
    const value = random(16).toString('base64');
    entry.setPassword(value);
    const back = entry.getPassword();
    entry.deletePassword();
    return back === value ? null : 'the keyring did not give back what it was given';
  } catch (error) {
    return isLocked(textOf(error)) ? null : explain(error);
  }
}
