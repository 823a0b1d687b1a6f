import type { Theme } from '../preload/contract/models.ts';
import type { Logger } from './log.ts';
import type { Redactor } from './redact.ts';

/** Time, injected so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Seals the vault's data key (32 bytes) with something that is not on the disk beside it. Implementations: the
 * OS keychain (Electron safeStorage, Secret Service …), a passphrase, a key file.
 */
export interface KeyProtector {
  /** Stored with what it sealed; another kind later is a backend change and is refused with an explanation. */
  readonly kind: 'safe_storage' | 'os_keyring' | 'passphrase' | 'key_file';
  /** In words, for the window: "macOS Keychain", "Secret Service (GNOME Keyring, KWallet)" … */
  readonly label: string;
  /** Seals the data key. `context` is bound to it where the mechanism allows. Fails with VAULT_UNAVAILABLE. */
  seal(key: Uint8Array): Promise<Uint8Array>;
  /** Opens it again. Fails with VAULT_LOCKED (try again later) or VAULT_WRONG_KEY (never will). */
  open(sealed: Uint8Array): Promise<Uint8Array>;
  /** True once something was opened that a newer key of the keychain should seal again. */
  readonly resealWanted?: boolean;
}

/** How Headgate looks on this workstation. */
export interface Appearance {
  theme(): Theme;
  setTheme(theme: Theme): void;
}

/**
 * What the core runs in: Electron or plain Node. Everything the core needs from outside comes through here, so
 * the core itself never asks which of the two it is.
 */
export interface Host {
  readonly kind: 'electron' | 'headless';
  readonly version: string;
  readonly platform: string;
  /** Absolute path of a folder only this user can read; made by the host. */
  readonly dataFolder: string;
  /** Null where there is no keychain and no passphrase: the vault then keeps secrets for this session only. */
  readonly protector: KeyProtector | null;
  /** Why `protector` is null, in words for the person. */
  readonly protectorProblem: string | null;
  /** Opens an https (or loopback http) page in the person's browser. */
  openUrl(url: string): Promise<void>;
  readonly appearance: Appearance;
  /** The name of the operating system's user, for the first person of a workspace. */
  readonly userName: string;
  /** The file that a sync's worker thread starts from. */
  readonly syncWorker: URL;
  readonly clock: Clock;
  readonly random: (bytes: number) => Buffer;
  readonly log: Logger;
  /** The one that `log` writes through; the vault registers every secret in use with it. */
  readonly redactor: Redactor;
}
