import type { SafeStorage } from 'electron';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { Logger } from '../log.ts';

type AsyncStorage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync'
>;

export interface SafeStorageProtector extends KeyProtector {
  readonly resealWanted: boolean;
}

export type ProtectorResult =
  | { readonly protector: SafeStorageProtector; readonly problem: null }
  | { readonly protector: null; readonly problem: string };

const labels: Readonly<Record<string, string>> = {
  darwin: 'macOS Keychain',
  win32: 'Windows Data Protection',
  linux: 'Secret Service (GNOME Keyring, KWallet)',
};

/** Chromium's answer on Linux when no keyring is there: a key that is the same on every computer. */
const constantKeyTag = 'v10';

function isTemporary(error: unknown): boolean {
  return error instanceof Error && /temporarily unavailable/i.test(error.message);
}

function locked(label: string, cause: unknown): AppError {
  return new AppError('VAULT_LOCKED', say('desktop.doesNotAnswerNow', { label }), { cause });
}

/**
 * Seals with the operating system's keychain. Electron says "available" on Linux even without one, so a probe
 * is sealed and its first bytes are read: what a constant key sealed protects nothing, and is refused.
 */
export async function createSafeStorageProtector(deps: {
  safeStorage: AsyncStorage;
  platform: string;
  log: Logger;
}): Promise<ProtectorResult> {
  const { safeStorage, platform, log } = deps;
  const label = labels[platform] ?? 'The keychain';
  let resealWanted = false;

  const encrypt = async (text: string): Promise<Buffer> => {
    const sealed = await safeStorage.encryptStringAsync(text);
    if (platform === 'linux' && sealed.subarray(0, 3).toString('latin1') === constantKeyTag) {
      throw new AppError('VAULT_UNAVAILABLE', say('desktop.noKeyringFoundOnly'));
    }
    return sealed;
  };

  const protector: SafeStorageProtector = {
    kind: 'safe_storage',
    label,
    get resealWanted() {
      return resealWanted;
    },
    async seal(key) {
      try {
        const sealed = await encrypt(Buffer.from(key).toString('base64'));
        resealWanted = false;
        return sealed;
      } catch (cause) {
        if (cause instanceof AppError) throw cause;
        if (isTemporary(cause)) throw locked(label, cause);
        throw new AppError('VAULT_UNAVAILABLE', say('desktop.couldNotSealKey', { label }), { cause });
      }
    },
    async open(sealed) {
      try {
        const opened = await safeStorage.decryptStringAsync(Buffer.from(sealed));
        resealWanted = opened.shouldReEncrypt;
        if (resealWanted) log.info('safe_storage.reseal_wanted');
        return Buffer.from(opened.result, 'base64');
      } catch (cause) {
        // Never taken for a wrong key: the person only has to unlock the keychain.
        if (isTemporary(cause)) throw locked(label, cause);
        throw new AppError('VAULT_WRONG_KEY', say('desktop.canNotOpenKey', { label }), { cause });
      }
    },
  };

  try {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) {
      return { protector: null, problem: `${label} is not available on this computer` };
    }
    await encrypt('probe');
  } catch (error) {
    // It is there, and locked or busy: the vault says so and tries again.
    if (isTemporary(error)) return { protector, problem: null };
    log.warn('safe_storage.refused', { error });
    return {
      protector: null,
      problem: error instanceof AppError ? error.message.replace(/\.$/, '') : `${label} does not work`,
    };
  }
  return { protector, problem: null };
}
