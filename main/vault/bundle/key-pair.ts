import type { VaultPublicKey } from '../../../preload/contract/models.ts';
import type { Vault } from '../vault.ts';
import { publicKeyText } from './public-key.ts';
import { exchangeBytes, fingerprintOf, publicHalf } from './x25519.ts';

/** The field of the workspace's own record under which the private half is. */
const field = 'exchangeKey';

/** The key pair of this workspace, to which others seal bundles. */
export interface BundleKey {
  publicKey(): Promise<VaultPublicKey>;
  /** What opens them; the caller overwrites it. */
  privateKey(): Promise<Uint8Array>;
}

/**
 * The pair is made when it is asked for first, and kept in the vault. Of several processes that make one at the same moment,
 * the pair that was stored first counts for all. Everything here fails with VAULT_LOCKED, VAULT_WRONG_KEY or VAULT_DAMAGED.
 */
export function createBundleKey(
  vault: Vault,
  workspaceId: string,
  random: (bytes: number) => Buffer,
): BundleKey {
  const stored = async (): Promise<Uint8Array | null> => {
    using secrets = await vault.open(workspaceId);
    return secrets?.bytes(field) ?? null;
  };
  const privateKey = async (): Promise<Uint8Array> => {
    const before = await stored();
    if (before) return before;
    const made = random(exchangeBytes);
    await vault.putMissing(workspaceId, { [field]: made }).finally(() => made.fill(0));
    const now = await stored();
    if (!now) throw new Error('the key pair was removed as soon as it was made');
    return now;
  };
  return {
    privateKey,
    async publicKey() {
      const secret = await privateKey();
      try {
        const half = publicHalf(secret);
        return { publicKey: publicKeyText(half), fingerprint: fingerprintOf(half) };
      } finally {
        secret.fill(0);
      }
    },
  };
}
