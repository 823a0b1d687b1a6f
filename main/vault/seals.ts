import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { Logger } from '../log.ts';
import { keyBytes } from './aead.ts';

/** Sealing a data key and opening it again, whoever does it. */
export function createSeals(log: Logger) {
  /** Its place outside the vault is of no use any more. A failure leaves an entry behind that opens nothing. */
  const forget = async (by: KeyProtector | null, sealed: Uint8Array): Promise<void> => {
    try {
      await by?.forget?.(sealed);
    } catch (error) {
      log.warn('vault.forget_failed', { error });
    }
  };
  const open = async (by: KeyProtector, sealed: Uint8Array): Promise<Buffer> => {
    const bytes = Buffer.from(await by.open(sealed));
    if (bytes.byteLength === keyBytes) return bytes;
    throw new AppError('VAULT_WRONG_KEY', say('vault.gaveBackSomethingNot', { by: by.label }));
  };
  return {
    forget,
    open,
    /** Sealed by it, and opened again: whether a protector really holds a key is known only then. */
    async prove(by: KeyProtector, bytes: Buffer): Promise<Uint8Array> {
      const sealed = await by.seal(bytes);
      try {
        const back = await open(by, sealed);
        const same = back.equals(bytes);
        back.fill(0);
        if (same) return sealed;
      } catch (error) {
        await forget(by, sealed);
        throw error;
      }
      await forget(by, sealed);
      throw new AppError('VAULT_UNAVAILABLE', say('vault.didNotGiveBack', { by: by.label }));
    },
  };
}
